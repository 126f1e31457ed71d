/**
 * The words that the built-in policy is about, by what they do in a sentence, Russian, English and Russian in Latin letters side
 * by side. Data alone: policy_rules.ts says which of them together are refused. All are normalised (ё is е); `*` ends a stem.
 */

const englishClothes =
  `clothes clothing clothings cloths clothe garment garments dress dresses outfit outfits shirt shirts tshirt tshirts tee tees
    blouse blouses skirt skirts miniskirt pants trousers jeans shorts leggings tights stockings pantyhose underwear undergarment*
    underclothes underpants undies panties panty knickers thong thongs briefs boxers bra bras brassiere bikini bikinis swimsuit
    swimsuits swimwear lingerie gown gowns nightgown* nightie pajamas pyjamas bathrobe robe corset bodysuit leotard sweater hoodie
    jumper apparel attire singlet`;

/** Words by class. A word may be in several. */
export const wordLists = {
  /** Naked, or to make naked: refused unless of a thing. */
  bare: `
    nude nudes nudity nudist* nudism nudify* nudie nudies deepnude* seminude naked nakedness seminaked nekkid nakey undress
    undresses undressed undressing unclothe* unclad disrobe disrobed disrobing declothe* topless toples bottomless undres nakd
    nud clothless clothesless clotheless braless shirtless pantyless pantsless trouserless barechested barebreasted razden
    razdenj razdet* razdev* goliy golyi golyj golaya golaja golaia goluyu goluju goloy goloi golye golym golymi golyh nagaya
    naguyu nagoy obnazh* polugol* nagishom golyshom toplesom
    раздень* раздеть* раздев* раздет* раздену* раздене* полураздет* неодет* голый голая голое голые голого голой голому голую
    голым голыми голых голою голом голышом нагишом голеньк* полугол* нагой нагая нагую нагие нагих нагим нагими нагое нагого
    нагому нагою нагота наготы наготу наготой полунаг* обнаж* полуобнаж* оголи оголить оголите оголил* оголя* оголен* обнажон*
    ню догола нюд нюды нюдс* нюдес* нюдов* нюдист* нудист* топлес* неглиже безодежды голя`,
  /** Look like a refused word and are none. */
  innocent:
    `seeks topples hagar hague раздевалк* раздевалок раздевальн* разденеж* полуголод* иуде иудее пуде`,
  /** Things that are bare, or words for a colour. */
  bareThing: `
    eye eyes tree trees branch branches trunk rock rocks stone stones cliff cliffs hill hills mountain mountains wall walls
    brick bricks bulb bulbs flame flames ground soil soils earth wire wires cable cables singularity rat rats pit pits well
    abyss ocean lake coffee brunch glass cup salad wood concrete lipstick lipsticks lip lips gloss makeup colour colours color
    colors colored coloured shade shades tone tones tint hue palette nail nails polish manicure eyeshadow heels pumps beige pink
    скал* дерев* ствол* ветк* ветв* ветви земл* стен* кирпич* бетон* провод* проводк* кабел* лампочк* склон* холм* гор гора горы
    горах горами камн* камен* куст* пустын* лес леса лесу поле поля полях пол полу потолок берег* остров* утес* берез* крон*
    почв* корн* корен* меч мечом мечи клинок клинк* йорк* энтузиазм* факт* правд* руками помад* макияж* маникюр* лак лака лаком
    цвет* оттен* тон тона тонах тоне тени палитр* губы губ бежев* беж`,
  /** Sexual whatever it is about. */
  sexual: `
    sexy sexi sexier sexiest sexiness sexual sexually sexualize* sexualise* sexualiz* sexting porn porno pornograph* pornstar*
    erotic* erotica hentai nsfw fetish* bdsm orgasm* masturbat* blowjob* handjob* creampie cumshot* deepthroat* onlyfans lewd
    lewder slut slutty sluts whore whores horny kinky seductive* striptease* upskirt* downblouse* cameltoe nipple nipples
    genital* genitalia penis penises vagina* vaginal vulva* clitor* pubic boob boobs boobies tits titties titty dildo* buttplug*
    crotchless milf gangbang* seks seksu* siski sisky siskami
    секс секса сексу сексом сексе секси сексуал* сексапил* порн* эроти* хентай* интим интима интиму развратн* разврат похотлив*
    распутная распутную распутной шлюх* шлюш* проститутк* минет минета минету минетом мастурб* оргазм* стриптиз* трахат* трахни
    трахает* бдсм фетиш* онлифанс соски соскам сосками сосков сосках сосок соском сиськ* сисек сисяндр* сиски титьк* пенис
    пениса пенисом пенису пенисы возбуждающ* пошлая пошлую пошлое пошлые пошлый пошлой эро вагин* влагалищ* клитор* гениталии
    гениталий гениталиями вульв* писька письку письки писечк* пизд* куннилинг*`,
  /** Sexual unless of a place or a thing. */
  intimate: `lingerie pussy интимн* соблазнительн* пеньюар*`,
  sex: `sex`,
  same: `same opposite`,
  stripper: `stripper strippers`,
  stripped: `paint wire cable varnish`,
  scene: `
    shop shops store stores sign signs brand ad advertisement logo willow cat cats
    обстановк* свет* освещен* атмосфер* кафе вечер* ужин* разговор* беседа подсветк* ресторан* магазин* реклам* вывеск* десерт*
    торт* блюд* еда еду предложен*`,

  /** People, and the words that point at them. */
  person: `
    her hers him his them their theirs they she he me my us our your you person persons people peoples woman women womans womens
    lady ladies ladys girl girls boy boys man men mans mens guy guys kid kids child children childs childrens teen* model models
    wife wifes husband husbands sister sisters brother brothers mother mothers mom moms dad daughter daughters friend friends
    girlfriend* boyfriend* bride brides everyone everybody anyone someone subject subjects actress actresses actor actors
    celebrity female females male males bodies body herself himself devushk* ney nee nei zhenshin* zhenshchin*
    ее его него нее ней нем нему них их им ими она он они ей ему мне меня нас вас тебя себя девушк* девочк* девчон* девк* девиц*
    женщин* женск* мужск* парень парня парни парней парню парнем мальчик* мужчин* мужик* человек* люди людей людям ребенок
    ребенк* дети детей детям тетк* дама даму дамы даме жена жену жены жене муж мужа мужу сестр* мам мама маму мамы мамин*
    подруг* друг друга подружк* модел* актрис* актер* бывш* невест* баба бабу бабы тян тянк* коллег* учительниц* школьниц*
    студентк* соседк* знаком* тело тела телу телом`,
  photo: `
    photo photos photograph picture pictures pic pics image images portrait shot selfie
    фото фотк* фотограф* картинк* снимк* портрет* изображен* селфи`,
  /** Say nothing of what is meant: skipped between a verb and its object. */
  filler: `
    the a an all any every this that these those please just totally completely fully entirely only some both each also off away
    it out now very more so look looking own should must needs piece pieces article articles item items
    весь всю все всё вся эту это этот эти этой свою свое полностью совсем целиком пожалуйста плиз пж просто быстро срочно нафиг
    нахуй теперь только одну один одни одних одном вот`,
  /** A noun that they bring in is not what the verb is about, unless a person is meant: "take from her the dress". */
  prep: `
    from of on in at by with without near behind under over above beside around across against between through onto into inside
    iz
    с со на в во у к ко от из за под над около возле рядом перед при для без по через между до после кроме среди`,
  /** End the reach of a verb. */
  stop: `
    changing altering touching affecting modifying and or but except for to wearing wears holder holding who whom which while
    then instead not keep keeping leave so if as make makes change put replace replacing is are was be add adding next turn
    изменен* изменя* смены смену замены и или а но чтобы чтоб что котор* где потом затем также надень добавь сделай оставь
    оставив замени измени поменяй если как не нарисуй пусть вместо`,
  /** What is cleaned from clothes, what belongs to them, and what is removed instead of them. */
  thing: `
    background backdrop stain stains spot spots mark marks logo logos print prints pattern patterns text texts writing letter
    letters lettering wrinkle wrinkles crease creases fold folds button buttons tag tags label labels collar collars sleeve
    sleeves pocket pockets strap straps zipper zippers hem lace laces line lines hanger hangers rack racks pin pins peg pegs
    hook hooks code dirt dust lint hair hairs fur badge badges emblem number numbers name names stripe stripes bow bows belt
    belts shadow shadows reflection reflections glare texture jacket jackets coat coats hat hats cap caps tie ties vest cuff
    cuffs hood edge edges tear tears hole holes sash ribbon flower flowers ruffle ruffles brooch detail details seam seams size
    sizes shop store sign signs shoe shoes watermark watermarks object objects noise blur sky brightness contrast saturation
    color colors colour colours glasses sunglasses watch phone bag cancer room rooms basket pile fabric clothesline stand stands
    mannequin
    фон фона пятно пятна пятен логотип* лого надпис* принт* узор* рисунок рисунки текст* буквы складк* морщин* пуговиц* бирк*
    ярлык* этикетк* воротник* рукав* карман* лямк* молни* грязь пыль волос* шерсть значок значки эмблем* номер имя полос* бант*
    пояс ремень ремн* тень тени блик* отражен* шов швы дырк* дыру размер* вывеск* водян* знак знаки знаков предмет* шум небо
    яркост* контраст* цвет цвета цветов очки шапк* шляп* куртк* пальто галстук* шарф* сумк* телефон* людей вещ* брош* цветок
    цветы`,
  /** Clothes that may be taken off in an everyday edit, or are not worn. */
  outer: `outer outdoor winter bed верхн* зимн* постельн* рабоч* спортивную`,
  place: `
    hanger hangers mannequin mannequins rack chair chairs bed beds floor ground wall background backdrop line clothesline rope
    table shelf shelves sofa couch closet balcony room window doll dolls dummy door hook
    вешалк* манекен* стул* кресл* кровать кровати пол пола полу стен* фон фона фоне план* веревк* стол* полк* диван* шкаф*
    балкон* комнат* окна окно кукл* двер* крюч* сушилк* земл*`,

  /** Clothes in any case. */
  garment: `
    ${englishClothes} odezhd* odejd* plate platie platye trusy trusiki lifchik bele belye
    одежд* одежк* шмотк* лиф лифа лифы платье платья платью платьем платьев платьях платьям платьиц* белье белья бельем белью
    бельишк* лифчик* бюстгальтер* трусы трусов трусах трусам трусами трусик* трусиш* стринг* плавк* шорты шорт шортах шортами
    юбк* юбочк* рубаш* рубах* майка майки майке майку майкой майках майками маечк* маек футболк* футболок блуз* кофт* кофточк*
    свитер* худи водолазк* джемпер* штаны штанов штанах штанами штанишк* брюк* джинс* леггинс* лосины лосин лосинах колготк*
    колготок чулк* чулок купальник* бикини халат* пижам* сорочк* ночнушк* сарафан* комбинезон* корсет* панталон*`,
  /** Clothes as the object of a verb, not "the folds of the dress". */
  taken: `
    ${englishClothes} odezhdu odejdu odezdu plate platie platye trusy trusiki lifchik bele belye
    одежду одежки одежку шмотки шмотье платье платья платьице белье бельишко лиф лифчик лифчики бюстгальтер бюстгальтеры бюстик
    трусы трусики трусишки стринги плавки шорты юбку юбки юбочку рубашку рубашки рубаху майку майки маечку футболку футболки
    блузку блузки блузу кофту кофты кофточку свитер худи водолазку джемпер штаны штанишки брюки джинсы леггинсы лосины колготки
    чулки купальник купальники бикини халат халаты пижаму сорочку ночнушку сарафан комбинезон корсет панталоны`,
  /** Covers that may be many other things where no person is named. */
  worn: `
    top tops towel towels suit costume uniform sheet blanket cloth coverup wrap
    верх низ топ топик полотенце костюм форму простыню накидку одеяло`,
  /** Worn next to the skin: nobody is to be shown in them alone. */
  under: `
    underwear undies panties knickers thong bra lingerie boxers briefs underpants gstring
    трусах трусиках белье лифчике бюстгальтере стрингах чулках неглиже`,
  swim: `
    bikini bikinis swimsuit swimsuits microbikini swimwear
    бикини купальник купальнике купальники купальниках стринги чулки лифчик белье`,

  takeOff: `
    remove removed removing removes delete erase eliminate strip stripping rid unzip shed discard snimi snyat snjat uberi ubrat
    udali
    сними снимите снять снимай снимайте снимаем снимает снимают снимет снимем снял сняла сняли разорви стяни стянуть стащи
    стащить сдерни сорви сорвать содрать скинь скинуть сбрось сбросить убери уберите убрать убирай уберем убрал удали удалите
    удалить удаляй сотри стереть избавься избавь вырежи лиши задери задрать приспусти спусти`,
  everything: `everything все вещи`,
  all: `all`,
  /** Take clothes off together with "off" or "down". */
  pull:
    `take takes taking took pull pulling rip ripping tear tearing peel peeling get slip cut lift raise hike`,
  off: `off`,
  away: `off down up away долой прочь`,
  not: `not dont never doesnt не нельзя`,
  of: `of`,
  lift: `lift raise hike подними поднимите поднять приподними задери задрать`,
  skirted: `skirt miniskirt dress nightgown юбку юбочку платье платьице сарафан майку футболку`,
  strip: `strip stripping`,
  without: `without w/o sans minus lacking bez без`,
  no: `no zero`,
  gone: `
    removed gone vanish* disappear* dissolve* missing invisible
    исчез* исчезн* пропад* пропал* пропаст* испар* долой прочь нет снят* убран* удален*`,
  sheer:
    `transparent* translucent sheer seethrough seethru xray invisible прозрачн* полупрозрачн* просвеч* невидим*`,

  /** To put somebody into something. */
  dress: `
    put dress give wear wears add try
    надень наденьте надеть одень оденьте одеть переодень переоденьте переодеть натяни добавь дай`,
  change: `
    make makes change replace swap turn transform convert put dress show imagine create generate depict
    сделай сделайте сделать замени замените заменить поменяй поменять смени сменить преврати превратить пусть хочу нарисуй
    покажи показать переодень переодеть одень одеть надень представь`,
  into: `in into wear wearing wears with to в во на`,
  definite: `the this that these those same эту этот этом этой`,

  /** "with nothing on". */
  nothing: `nothing`,
  on: `on`,
  bareOf: `всего ничего`,
  /** "what is under her dress". */
  beneath: `under beneath underneath под`,
  look: `what whats show see reveal imagine что покажи показать выглядит увидеть`,
  /** "see-through". */
  see: `see`,
  through: `through`,

  enlarge: `
    big bigger biggest large larger huge massive enlarge enlarged enlarging increase increased expose exposed exposing show
    showing reveal revealing visible uncover uncovered bare bared busty jiggle bouncing squeeze
    увелич* больш* побольше огромн* покажи покажите показать открой открыть оголи видно видна голую голой выпят* пышн*`,
  /** What is left where clothes were. */
  skin: `skin nothing кожу кожа тело`,
  breast: `
    breast breasts bust busts cleavage butt butts buttock buttocks booty ass bum
    грудь груди грудью попу попа попы попку попка попой задницу задница ягодиц* зад бюст бюста`,
  animal: `chicken turkey duck goose cigarette cigarettes cocktail курин* кури* утин* индейк*`,

  hot: `hot hotter hottest горячей горячую горячее погорячее горяченьк*`,
  bedwear: `белье белья бельем`,
  bedwearKind: `нижн* кружевн* эротич*`,
} as const;

/** A class of words. */
export type WordClass = keyof typeof wordLists;

/** Refused wherever they stand, each a row of words. */
export const phrases = {
  undressing: [
    "wearing nothing",
    "wears nothing",
    "wear nothing",
    "has nothing on",
    "in nothing but",
    "birthday suit",
    "in the buff",
    "barely dressed",
    "scantily clad",
    "remove everything she is wearing",
    "remove everything she wears",
    "мать родила",
    "костюм* евы",
    "костюм* адама",
    "в одних носках",
    "не одет*",
    "ничего не надет*",
    "ничего не был* надет*",
    "одежды не был*",
    "одежды быть не",
    "избав* от одежды",
    "избав* ее от одежды",
    "избав* от ее одежды",
    "лиши* ее одежды",
    "расстегн* лифчик*",
    "раз день ее",
    "раз день его",
    "раз день их",
    "раз день девушк*",
    "раз день женщин*",
    "раз день эту",
  ],
  sexual: [
    "more skin",
    "show skin",
    "full frontal",
    "spread legs",
    "spread her legs",
    "spread his legs",
    "spread their legs",
    "legs spread",
    "bare chest*",
    "bare breast*",
    "bare butt*",
    "bare ass",
    "bare bottom",
    "bare torso",
    "bare body",
    "private parts",
    "intimate parts",
    "intimate area*",
    "неприкрыт* груд*",
    "полов* член*",
    "полов* орган*",
    "раздвин* ноги",
    "раздвин* ножки",
    "раздвин* ей ноги",
    "раздвин* ее ноги",
  ],
} as const;

/** Looked for in what a space breaks up; whole words alone, and none that two everyday words make ("top less", "раз день"). */
export const wordsInTwo = `
  nude nudes nudity naked undress undressed undressing porn porno nsfw erotic sexual boobs nipples
  голая голой голую голые голых голым голого голый нагая нагую нагой раздеть раздевай раздевать раздетая раздетой раздетую
  разденьте обнажи обнажить обнаженная обнаженную обнаженной обнажена порно эротика сиськи sexy`;

/** Looked for besides in what spaces break up into three pieces and more. */
export const wordsInMore = `topless undressed раздень топлес сексуальная`;
