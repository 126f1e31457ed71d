/**
 * `doctor`: checks of the installation, each with advice. Owns the checks and their text. Changes nothing on the host, and does not
 * know how the bot runs.
 */
export {};
