/**
 * The words that the built-in policy is about, by what they do in a sentence, Russian, English and Russian in Latin letters side
 * by side. Data alone: users/policy/rules.ts says which of them together are refused. All are normalised (ё is е); `*` ends a stem.
 */

import { contextLists } from "./context.ts";
import { nounLists } from "./nouns.ts";

/** Words by class. A word may be in several. */
export const wordLists = {
  ...nounLists,
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
    ню догола нюд нюды нюдс* нюдес* нюдист* нудист* топлес* неглиже безодежды голя
    nudifier nudified nudifying undressmyself skirtless pantless pantieless clothesfree udress undrss undressd undressing nakeed nakid neked
    disrobes denude denuded nudification
    оголяе* оголив* разденть дипнюд* дипнуд* обножен* обнажи раздетьс* обнажен
    голяком разделась разделся разделись абнаж* рздень razden*
    nked
    unrobe derobe заголи заголить оголись
    starkers skyclad naturist* naturism unrobed undraped unattired nuddy streaker streakers exhibitionist* skinnydip* skinnydipping nudify
    nudifies disrobe* unclothing naturiste bareass* barebutt* barebreast* pantiless bralless unbra debag toplessness denud* nudely nudity*
    dishabille deshabille derobed undressy unpants depants pantsed pantless* shirtles bottemless  clothesles naknd naekd naced
    nekid nood noods дезабилье натурист* разголи* обнажись нагишо* эксгибиционист* растелеш* голопуз* гологруд* голозад* голопоп*
    бесстыдно безтрус* бесштан* golishom dogola donaga obnaj* obnazen* razdety razdetaya razdeta polugolaya polugoluyu golenk* nagoi
    nagaja golishkom toples*
    натурщиц* обнаженно fkk nudey noodz fabricless безтканев* нюдик* нюдифа* голышем голишом галыш* `,
  /** Look like a refused word and are none. */
  innocent:
    `seeks topples hagar hague раздевалк* раздевалок раздевальн* разденеж* полуголод* иуде иудее пуде`,
  /** Sexual whatever it is about. */
  sexual: `
    sexy sexi sexier sexiest sexiness sexual sexually sexualize* sexualise* sexualiz* sexting porn porno pornograph* pornstar*
    erotic* erotica hentai nsfw fetish* bdsm orgasm* masturbat* blowjob* handjob* creampie cumshot* deepthroat* onlyfans lewd
    lewder slut slutty sluts whore whores horny  seductive* striptease* upskirt* downblouse* cameltoe nipple nipples
    genital* genitalia penis penises vagina* vaginal vulva* clitor* pubic boob boobs boobies tits titties titty dildo* buttplug*
    crotchless milf gangbang* seks seksu* siski sisky siskami
    секс секса сексу сексом сексе секси сексуал* сексапил* порн* эроти* хентай* интим интима интиму развратн* разврат похотлив*
    распутная распутную распутной шлюх* шлюш* проститутк* минет минета минету минетом мастурб* оргазм* стриптиз* трахат* трахни
    трахает* бдсм фетиш* онлифанс соски соскам сосками сосков сосках сосок соском сиськ* сисек сисяндр* сиски титьк* пенис
    пениса пенисом пенису пенисы возбуждающ* пошлая пошлую пошлое пошлые пошлый пошлой эро вагин* влагалищ* клитор* гениталии
    гениталий гениталиями вульв* писька письку письки писечк* пизд* куннилинг*
    sensual sensually sultry lascivious lustful raunchy smutty provocatively seduce seducing xrated ahegao ecchi softcore hardcore erection stripclub
    skimpy skimpier pornographic milfs titfuck tiddies nips areola areolas crotch uncensored uncensor decensor* gstrings uncensoring
    пошлее пошло пошлые похабн* обольстит* чувственн* эрекци* стрипте* попошлее развратне* секси* нсфв орально* титек камшот* ахегао
    пошленьк* эрофот* thicc boudoir
    sideboob underboob nipslip seduc* intercourse busty трахаю* пышногруд* сисяст* грудаст* жопаст* промежност* clothoff
    doggystyle fingering orgy orgies микробикини microbikini посексуальн* хуй хуя хуем дроч* оргия оргию оргии
    bukkake fuck fucked fucker fucking fucks cumming semen jizz ejaculat* cunt cunts twat anally anilingus butthole asshole rimjob
    rimming footjob boobjob titjob paizuri futa futanari yiff hardon dominatrix shibari bondage camgirl camgirls
    prostitute* prostitution hooker hookers harlot bimbo* slutwear sextoy sextoys vibrator* strapon strapons twerk twerking  
    masturb* wank wanking lapdance pornhub brazzers xvideos xhamster redtube chaturbate fansly centerfold centrefold kamasutra camsutra
    arousal arousing aroused orgasmic sensuous risque voluptuous licentious wanton hentia  nudez cocksuck* fellatio cunnilingus
    scissoring humping sodomy incest lolicon shotacon loli hypersexual* sexpot sexbomb sexualised titillating salacious lecherous
    slutt* whorish titti* bewbs bewbies hooters deepfakeporn nsfl smut coitus copulat* fornicat* pornify pornified erotism eroticism
    pantyshot pantyshots fleshlight hotwife cuckold gloryhole трахал* трахну* ебать ебет ебут ебал* ебли ебля еблю выеб* отъеб* заеби
    сперма сперму спермой спермы семяизверж* эякул* анал анала анальн* анус* отсос* кунилинг* куни порево вебкам* эскортниц* путана путаны
    путану блядск* блядин* шалав* потаскух* развратниц* шибари бондаж* страпон* вибратор* фаллос* фаллоимит* мошонк* похоть похоти
    лобк* лобок ареол* сосочк* голожоп* непристойн* непотребн* камасутр* плейбо* брацерс* онанир* онанизм* содоми* инцест* совокупл*
    совокупи* прелюбодей* сладострастн* вожделен* сексбомб* секспоз* тройничок групповух* членосос* лоли лоликон* трусод*
    упскирт* эроген* секапил* пиздат* мандень пезд* сисечк* титюл* срамн* блуд блудниц* бордел* тверк* лапданс* нюфото
    seksi seksual* seksa pornuh* sisechki titki popku zhopa zhopu pizd* minet ebat* trah* golozhop* razvrat* eroti* striptiz* soski
    indecent indecently obscene obscenely suggestive suggestively sexified  naughtier
    moan moaning moans стонущ* стонет доминатрикс поразвратн* жопа жопу жопой жопы жопе  
    handjobs blowjobs sideboobs wedgie topfree полпопы  совокуп* минетик феллац* буккаке переспат* переспят переспи* thirsttrap
    unclothed
    threesome threesomes сосоч* соблазня* соблазни
    апскирт* immodest* поэротичн* upskirting
    sxy сися сиси сисьги титки тити секас тополес тапалес расцензур* бюстищ*
    оральн*`,
  /** Sexual unless of a place or a thing. */
  intimate: `pussy интимн* соблазнительн*  возбужден* seduction
    thong thongs gstring tanga танга`,
  sex: `sex`,
  lingerie: `lingerie`,
  same: `same opposite`,
  stripper: `stripper strippers`,
  stripped: `wallpaper paint wire cable varnish`,
  /** Say nothing of what is meant: skipped between a verb and its object. */
  filler: `
    the a an all any every this that these those please just totally completely fully entirely only some both each also off away
    it out now very more so look looking own should must needs piece pieces article articles item items
    весь всю все всё вся эту это этот эти этой свою свое полностью совсем целиком пожалуйста плиз пж просто быстро срочно нафиг
    нахуй теперь только одну один одни одних одном вот
    really maybe kindly quickly whole entire completely gently slowly
    больше даже уже просто прям прямо слегка немного медленно быстренько аккуратно каждую
    повыше пониже вообще абсолютно
    всей всех почти часть части
    этого этой этих
    absolutely literally utterly simply basically практически буквально реально`,
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
  takeOff: `
    remove removed removing removes remov delete deleted deleting erase erased erasing eliminate eliminating strip stripping rid unzip shed shedding discard
    discarded ditch ditching lose loses losing drop drops dropping dissolve dissolving evaporate vaporize omit omitting exclude excluding subtract
    undo unhook unclasp unfasten unlace untie unbutton unbuttoned unzipped hide hiding shred melt detach disintegrate tke
    snimi snyat snjat uberi ubrat udali
    сними снимите снять снимай снимайте снимаем снимает снимают снимет снимем снял сняла сняли снимая снимаешь разорви разорвать порви порвать стяни
    стянуть стянул* стягив* стащи стащить стаскив* сдерни сдернуть сорви сорвать срыва* содрать скинь скинуть скинул* скидыв* сбрось сбросить сбросил*
    сбрасыв* убери уберите убрать убирай уберем убрал убрала уберет удали удалите удалить удаляй сотри стереть сотрите избавься избавь избавьте вырежи
    вырезать вырежьте лиши лишить лишите задери задрать задир* приспусти* спусти спустить спущен* раствори растворить распахни распахнуть распахнут*
    расстегни расстегнуть расстегнут* расстегив* развяжи развязать сдвинь сдвинуть отодвинь отодвинуть опусти опустить освободи освободить замажь
    замазать закрась испари сдери
    takeoff forgot forget forgets сожги сжечь срежь срезать сдуй сдует сорвет сорвут скинет сбросит стянет стащит спустит задерет расстегнет распахнет порвет разорвет задери
    отключи выключи снима* сняла сняли распахн* стягив* стянул* спустил* приспустил* роняет уронила рвет рвут скидыва* скинула erases removes
    разрежь разрезать разрежьте смой смыть
    unwrap размотай разверни
    doff doffing jettison banish nuke zap vaporise toss trash purge snip scissor burn incinerate dispose dispense eradicate obliterate
    annihilate scrap chuck chucking uninstall unwear despawn detract efface expunge abolish vanish disappear dematerialize dematerialise
    выкинь выкинуть выброси выбросить откинь откинуть отстегни отстегнуть растегни растегнуть растёгни скидывай сдергивай сдергивает
    оттяни оттянуть отогни ликвидируй уничтожь уничтожить испепели вырви отдери раскрой раскрыть стирай затри затереть вычти исключи
    исключить изыми устрани устранить откажись растопи развей испарить сгрызи стяг* срезает срежем стягивай убираем удаляем снимаю сымай
    сыми снимемте убирает отцепи вытри udalit ubiray ubery snimay snimite snyala snimaet styani styanut steret sotri razorvi zaderi
    skip skips forgo forego
    rmv rm del спрячь спрятать lower strike`,
  everything: `
    everything все вещи anything whatever`,
  all: `
    all`,
  /** Take clothes off together with "off" or "down". */
  pull: `
    take takes taking took pull pulls pulling pulled rip rips ripping tear tears tearing torn peel peeling get gets slip slips cut cutting lift raise hike
    push pushing slide sliding move moving yank yanking tug clear clean wipe crop edit photoshop airbrush shop burn blow throw toss fling kick wash brush
    pulling flip
    taken
    turn switch toggle
    slice fade
    ease eases easing`,
  off: `off`,
  away: `
    off down up away out aside apart side open low lower loose долой прочь`,
  not: `
    not dont never doesnt shouldnt wont cannot cant mustnt не нельзя
    isnt arent wasnt hasnt havent didnt doesnt
    nobody noone никто`,
  of: `of`,
  lift: `
    lift lifts lifting lifted raise raised hike hiked flip open opening opened unbutton push lower lowered pull
    подними поднимите поднять приподними приподнять задери задрать задранн* задран* подня* поднят* открой открыть
    hitch hoist`,
  skirted: `
    skirt miniskirt dress nightgown shirt blouse robe bathrobe top bra tshirt towel jeans pants trousers panties bikini
    юбку юбочку юбка юбкой платье платьице сарафан майку футболку рубашку блузку халат топ лифчик купальник`,
  strip: `
    strip strips stripping stripped`,
  without: `
    without w/o sans minus lacking bez без ни никак* нет
    минус devoid bereft
    withot withut wihtout witout whithout whitout withoout w/out биз бэз
    бес
    безо`,
  no: `
    no zero fewer less меньше поменьше
    ноль минимум
    hardly minimal
    0`,
  gone: `
    removed gone vanish* disappear* dissolve* dissolving missing invisible fall falls falling fell drop drops dropped dropping slip slips slipped slipping
    slide slides sliding melt melts melting evaporate* absent
    исчез* исчезн* пропад* пропал* пропаст* испар* долой прочь нет снят* убран* удален* упад* упал* упаст* пада* спад* спал* свалив* свал* слет* слете*
    соскольз* скольз* раствор* сполз* невидим* отсутств*
    undone задран* задрал* расстегнул* ноль
    fade fades fading тает тают растая*
    соскальз*
    extinct nonexistent begone unneeded unnecessary needless redundant superfluous lost stolen lacking vaporised vaporized disintegrat*
    crumbl* улетел* улета* улетуч* унес* украл* украд* потерял* потерян* сдул* смыл* смыт* сгорел* сгора* истле* рассып* развея* лишняя
    лишнее лишние лишним ненужн* излишн* изъят* сорван* содран* стянут* сброшен* скинут* порван* разорван* исчезни испарил* стерт*
    вычеркн* слез* скинул* вон
    omitted excluded eliminated deleted erased discarded banished subtracted dispensed`,
  sheer: `
    transparent* translucent sheer seethrough seethru invisible прозрачн* полупрозрачн* просвеч* просвечив* невидим*
    transparency diaphanous gauzy glassy cellophane seethroughs xrayed прозрачне* прозрачно просвечен* насквозь целлофан* сеточк*`,

  /** To put clothes on a person. */
  dress: `
    put dress give wear wears add try
    надень наденьте надеть одень оденьте одеть переодень переоденьте переодеть натяни добавь дай
    dressed wearing clothe change replace swap switch turn instead let should exchange
    вместо пусть замени заменить поменяй нарисуй дорисуй одев* надев* переодев* обряди наряди`,
  change: `
    make makes change replace swap turn transform convert put dress show imagine create generate depict
    сделай сделайте сделать замени замените заменить поменяй поменять смени сменить преврати превратить пусть хочу нарисуй
    покажи показать переодень переодеть одень одеть надень представь
    exchange switch fill filling inpaint paint cover surround закрась замажь залей дорисуй вместо`,
  into: `in into wear wearing wears with to в во на`,
  definite: `the this that these those same эту этот этом этой`,

  /** "with nothing on". */
  nothing: `
    zilch nada nowt naught nothin nuthin ничегошеньки
    nothing ничего air smoke воздух воздухом дым дымом
    ничем`,
  on: `on`,
  bareOf: `всего ничего`,
  /** "what is under her dress". */
  beneath: `
    under beneath underneath below под
    inside внутри`,
  look: `
    what whats show see reveal imagine look looks visible visualize body hiding hidden peek figure view
    что покажи показать выглядит увидеть нарисуй дорисуй загляни заглянуть вид тело видно посмотри смотреть скрыто скрывает взгляд какая
    camera камера
    sees seeing видит видят
    глянь взгляни видна видны`,
  /** "see-through". */
  see: `see`,
  through: `
    through thru сквозь через`,

  enlarge: `
    big bigger biggest large larger huge massive enlarge enlarged enlarging increase increased expose exposed exposing show
    showing reveal revealing visible uncover uncovered bare bared busty jiggle bouncing squeeze
    увелич* больш* побольше огромн* покажи покажите показать открой открыть оголи видно видна голую голой выпят* пышная пышную пышной пышнее попышнее
    more deeper deep plump juicy perky round rounder increase
    глубок* поглубже выдел* голые голой голый пышная пышную пышной пышнее попышнее наружу округл* сочн* открыт* открой
    enlargement augmentation pop pops popping spill spilling out hang hanging add lots добавь вывал* вывел* торч* засвет* размера накачай показывает покажет покажут покажу bulging
    shows выпал* выпада* крупн* силиконов* непокрыт* неприкрыт*
    покруглее круглее
    видим*
    inflate inflated pump pumped swollen boost enhance enhanced fuller heavier balloon надуй раздуй крупнее полнее толст* аппетитн* упруг*
    отклячь выпяти выставь`,
  /** What is left where clothes were. */
  skin: `
    skin nothing body flesh air smoke кожу кожа кожей тело телом тела теле кожи воздух воздухом дым дымом
    плоть плотью`,
  breast: `
    breast breasts bust busts cleavage butt butts buttock buttocks booty ass bum
    грудь груди грудью попу попа попы попку попка попой задницу задница ягодиц* зад бюст бюста
    busty asses tush rear chests грудей бедрам попкой попой задницу задом декольте жопа жопу жопой жопы бюстом
    bosom bosoms`,
  animal: `chicken turkey duck goose cigarette cigarettes cocktail курин* кури* утин* индейк*`,

  hot: `hot hotter hottest горячей горячую горячее погорячее горяченьк*`,
  bedwear: `белье белья бельем`,
  bedwearKind: `нижн* кружевн* эротич*`,
} as const;

/** A class of words. */
export type WordClass = keyof typeof wordLists | keyof typeof contextLists;

/** The name is one of a class. */
export function isWordClass(name: string): name is WordClass {
  return name in wordLists || name in contextLists;
}

/** Looked for in what a space breaks up; whole words alone, and none that two everyday words make ("top less", "раз день"). */
export const wordsInTwo = `
  nude nudes nudity naked undress undressed undressing porn porno nsfw erotic sexual boobs nipples
  голая голой голую голые голых голым голого голый нагая нагую нагой раздеть раздевай раздевать раздетая раздетой раздетую
  разденьте обнажи обнажить обнаженная обнаженную обнаженной обнажена порно эротика сиськи sexy`;

/** Looked for besides in what spaces break up into three pieces and more. */
export const wordsInMore = `topless undressed раздень топлес сексуальная`;
