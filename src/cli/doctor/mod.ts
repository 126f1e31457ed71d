/**
 * `doctor`: every check of the installation, each with what to do about it.
 * Owns the checks. Changes nothing on the machine.
 */
export {};
