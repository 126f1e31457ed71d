/** Python's `heapq`, which ComfyUI keeps its waiting prompts in and gives out as it lies in memory. Pure. */

/** A list whose first item is its least; the order of the others is the heap's. */
export class Heap<T> {
  #items: T[] = [];
  readonly #isLess: (a: T, b: T) => boolean;

  constructor(isLess: (a: T, b: T) => boolean) {
    this.#isLess = isLess;
  }

  /** As it lies in memory. */
  get items(): readonly T[] {
    return this.#items;
  }

  /** `heappush`. */
  push(item: T): void {
    this.#items.push(item);
    this.#rise(0, this.#items.length - 1);
  }

  /** `heappop`; undefined of an empty one. */
  pop(): T | undefined {
    const last = this.#items.pop();
    if (last === undefined || this.#items.length === 0) return last;
    const [least] = this.#items;
    this.#items[0] = last;
    this.#sink(0);
    return least;
  }

  /** Keeps what holds, then `heapify`. */
  keep(holds: (item: T) => boolean): void {
    this.#items = this.#items.filter(holds);
    for (let at = (this.#items.length >>> 1) - 1; at >= 0; at--) this.#sink(at);
  }

  /** `_siftdown`: towards the root. */
  #rise(root: number, at: number): void {
    const item = this.#items[at]!;
    while (at > root) {
      const parent = (at - 1) >>> 1;
      if (!this.#isLess(item, this.#items[parent]!)) break;
      this.#items[at] = this.#items[parent]!;
      at = parent;
    }
    this.#items[at] = item;
  }

  /** `_siftup`: the smaller child comes up all the way to a leaf, then the item finds its place from there. */
  #sink(root: number): void {
    const item = this.#items[root]!;
    const end = this.#items.length;
    let at = root;
    for (let child = 2 * at + 1; child < end; child = 2 * at + 1) {
      const right = child + 1;
      if (right < end && !this.#isLess(this.#items[child]!, this.#items[right]!)) child = right;
      this.#items[at] = this.#items[child]!;
      at = child;
    }
    this.#items[at] = item;
    this.#rise(root, at);
  }
}
