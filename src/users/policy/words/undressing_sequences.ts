/**
 * Sequences of words that ask to undress a person, in the notation of users/policy/sequence.ts. Data alone. A sequence says what several
 * words mean together; where one word says it, it is in word_lists.ts.
 */

/** Those that an everyday edit excuses: a change of clothes, clothes that are not worn. */
export const excusableSequences = `
  # clothes must go, are not needed, never were
  @not ~ keep|leave ~ @garment ~ $
  не ~ оставляй|сохраняй|оставь ~ (на) ~ @garment ~ $
  @garment level|amount
  уровень|количество одежды
  all|вся|все ~ @garment ... gone|away|прочь|долой|исчезла $
  whatever|что|все ~ (бы|то) ~ (на) ~ @person ~ (ни|wearing|wears|has|надето|надела) ~ (было) ~ (on) ... lose|remove|delete|убери|сними|сотри ~ (it) ~ $
  @garment|top|tops|uniform|robe ~ has|have|needs|need|got|must|should|gotta|can|ought ~ go|leave|vanish|disappear|off $
  @garment|top|tops|uniform|robe ~ has|have|needs|need|got|must|should|gotta|ought ~ come off|away
  @garment|top|tops|uniform|robe ~ come|comes|came|coming off|away|undone|down
  @garment|top|tops|uniform|robe ~ @not ~ need|needed|wanted|required|necessary|allowed|permitted $
  @garment|top|tops|uniform|robe ~ no longer ~ there|needed|necessary|on|visible
  @garment|top|suit|uniform ~ @not ~ there|here|present|visible|on ~ $
  @garment ~ should|must ~ @not ~ exist|$ $
  @garment ~ never ~ existed|exist|been
  @garment ~ should|must ~ @gone
  @garment optional
  @not ~ be ~ (any|a|single) ~ @garment ~ on ~ @person
  @not ~ need|want|require|like|wish|see|needs|wants ~ @garment ~ $
  @no need ~ for ~ @garment ~ $
  goodbye|bye|farewell|begone|away|off|out|down ~ to|with ~ @garment
  @garment ~ goodbye|bye|begone|poof|nope $
  do|does|going|goes without ~ @garment
  do|dispense|dispose away|with|of ~ @garment
  do away with ~ @garment
  leave|leaving|left ~ out ~ @garment
  leave|leaving|left ~ @garment ~ out ~ $
  @garment|топ|верх|низ ~ должн*|должен|надо|нужно ~ @gone|исчезн*|уйти|пропасть|слететь
  @garment ~ надо|нужно|пора|должн*|следует|можно|хочу|стоит|нада|хорошо ~ (бы) ~ @takeOff|исчезн* ~ $
  @garment ~ не ~ нуж*|надо|надобн*|требу*|обязательн*|хочу|должно|должна|будет|было|останется $
  @garment ~ быть|и|никогда|больше|уже ~ (и) ~ не ~ должн*|должно|было|быть|будет|существ*|$ $
  @garment ни к чему
  не ~ нуж*|надо|хочу|хочется|желаю|требу* ~ (видеть|смотреть) ~ @garment $
  долой|прочь|нафиг|нахер|нахрен|вон ~ @garment ~ $
  долой|прочь|вон с|со ~ @person ~ @garment|$
  к черт*|чертям|лешему ~ @garment
  @garment ~ к|в черт*|чертям|топку|сторону|мусор
  @person ~ without|minus|sans|no|@not ~ (wearing) ~ (tank|crop|halter|tube) top|tank|tops|robe|towel ~ $
  пусть|чтоб|чтобы ~ снимет|скинет|сбросит|стянет ~ @worn|@garment ~ $

  # they go by themselves
  полотенц*|халат* ~ @fallen ~ $
  panties|knickers|underwear|trousers|pants|трусы|трусики|штаны|брюки ~ pulled|rolled|на ~ down|коленях|щиколотках
  (bikini) bottom|bottoms|top ~ slipped|slips|fell|falls ~ (off|down) ~ $
  ой|oops ... @garment|топ|top ~ @gone|@fallen
  half|partially|almost dressed|undressed
  @garment ~ burn|burns|burning|melt|melts|dissolve|dissolves
  pants|trousers|shorts|panties|jeans|boxers|skirt|штаны|брюки|трусы|шорты|юбка ~ down|вниз|долой|спущен* ~ $
  wind|gust|storm|wave|ветер|порыв|волна ... takes|take|blows|blew|rips|carries|steals|сорвал*|сорвет|унес* ~ @garment
  унес*|украл*|сдул*|смыл*|снес*|сорвал* ~ @garment
  @garment|top|tops|uniform|robe ~ blown|washed|flew|flies|fly|swept|carried|torn|ripped|floats|drifts ~ off|away
  @garment|ткань ~ раста*|испар*|раствор*|сгор*|улет*|развея*|располза*
  раста*|испар*|раствор*|сгор* ~ @garment
  @garment ~ порван* ~ в ~ клоч*
  @garment|топ ~ burst|bursts|bursting|лопнул*|лопает*|треснул*|разошл*|разъех*
  @garment ~ around|about|at|у|на|вокруг ~ ankles|knees|feet|waist|thighs|щиколот*|лодыж*
  dropped|lowered|спущен*|приспущен* pants|trousers|shorts|panties|knickers|jeans|штаны|брюки|трусы ~ $
  @garment ~ down ~ to|at|around ~ ankles|knees|thighs
  @garment|robe|bathrobe ~ open|undone|untied|unbuttoned ~ $|chest|breasts
  @garment нараспашку|расстегнут*|распахнут* ... ничего|грудь|тело
  открыт*|распахнут*|расстегнут* ~ халат|рубашка|блузка $
  buttons ~ undone|popped|popping|burst|bursting|unbuttoned
  straps ~ slipping|falling|slide|slip|slipped ~ off|down
  бретел*|лямк*|strap|straps ~ breaks|лопнул*|оторвал*|развязал*
  let|have|make ~ towel|robe|bathrobe|blanket|sheet|straps|@garment ~ slip|slips|slide|fall|falls|drop|drops|open|opens

  # taken off in other words
  see|want|imagine ~ @person out of ~ @garment|@worn
  @takeOff|@pull ~ every|last|each ~ stitch|thread
  take|remove|lose|strip ~ rest ~ off|of ~ $
  остальное ~ @takeOff ~ с|со ~ @person
  hide|delete|remove|switch|скрой|удали|выключи ~ (layer|слой|видимость) ~ (с|of) ~ одеждой|одежды
  @garment visibility|layer|segmentation
  выйд*|вышаг*|вышагн* ~ из ~ @garment
  kit off
  @takeOff|@pull ~ (@cover|@worn) ~ @and ~ everything|все ~ else|остальное
  @takeOff ~ each|every|каждую|каждый ~ item|piece|вещь|предмет
  lose|потеряй ~ @veil ~ $
  @garment|топ ~ (coming|comes) loose
  open|расстегни ~ zip|zipper|молнию ... drop|drops|falls|упад*|свал*
  @takeOff|@pull ~ верхнюю|нижнюю|upper|lower|bottom|top ~ часть|половину|half|part ~ (of) ~ @garment
  (half|almost|way) out of ~ her|his|their ~ @garment ~ $
  выскальз*|вылез*|выход*|выбира*|выпутыва* ~ (наполовину) ~ из ~ @garment|халата
  вылез* ... из ~ @garment
  распахива* ~ халат|пальто|рубашку|блузку|плащ
  @takeOff ~ @fabric ~ below|above|ниже|выше|с|from|off ~ waist|пояса|торса|тела|груди|@person
  reduce|сведи|уменьши|минимизируй|minimize|minimise ~ (amount|количество) ~ (of) ~ (fabric|ткань) ~ @garment|@fabric|on|на ~ (одежды) $|@person|к|to|теле
  reduce|сведи|уменьши ~ (amount|количество) ~ (of) ~ @garment ~ $
  as little|few|much ~ @garment
  @takeOff|@pull ... until|till|пока ... nothing|ничего|голой|bare|naked
  first|сначала ~ @garment ... then|потом|затем ... rest|everything|остальное|все ~ $
  остальное|rest|все ~ с|со|off ~ @person ~ долой|прочь|$
  слой за слоем
  layer by layer
  @takeOff|@pull ... then|also|plus ~ @taken|rest|everything ~ (else) ~ $
  @takeOff|@pull ... and|then|also|plus ~ everything|all|whatever|anything|what|@taken ~ under|beneath|underneath
  @takeOff|@pull ... and ~ everything|all|whatever|anything else $
  @takeOff ... потом|затем|далее|также|заодно|следом ~ (и) ~ @taken|остальное|все|вещи|последнее ~ (под) ~ $
  @takeOff ... и|потом ~ (и) ~ все|то|остальное ~ (что) ~ под ~ @person|@garment|низом
  @takeOff ~ (все) ~ последн*|остальное|прочее ~ $
  @takeOff ~ верх|топ|top|tops ~ @and ~ @taken|низ|bottom|bottoms ~ $
  @takeOff ~ @cover|@worn @and ~ @worn|top ~ $
  take|pull off ~ top|tops ~ @and ~ @taken|bottom|bottoms ~ $
  take|takes|taking|pull ~ off ~ all|everything ~ of ~ it|them
  @takeOff|@pull ~ one piece|onepiece
  @takeOff ~ straps|бретел*|лямк* ~ and|и ~ everything|все|what
  @takeOff ~ у ~ @person ~ верх|низ|топ|top
  zip|unzip ~ @garment ~ down|$
  unbutton|unzip|open|расстегни|расстегн* ~ down ~ to ~ navel|waist|belly
  расстегн*|расстегни|распахни|unzip|unbutton ... спусти|сними|drop|упад*|сброс*|пуп*
  спусти*|приспусти*|опусти*|сдвинь|стяни|спущ* ~ лямк*|бретел*|лямочк*
  pull|slide|slip|drop|lower|push ~ strap|straps ~ @away|$
  без ~ низа|верха $
  без|without|no ~ текстил*|textile|textiles|covering|coverings|покров*|прикрыти* ~ $|on|на
  peel|shuck|unwrap|unpeel|undrape|unveil|очисти|разверни|размотай|распакуй ~ her|him|them|ее|его|их ~ $|like|как
  разверни|размотай|распакуй|unwrap ~ из|from|out ~ полотенц*|towel|robe|халат*|простын*|sheet
  uncover|unveil|раскрой|открой|оголи|expose ~ sleeping|спящ*|@trait ~ woman|girl|lady|девушк*|женщин*|даму ~ $
  убиратель|удалитель|стиратель|раздеватель|ластик|резинка|remover|eraser ~ (для) ~ @garment
  раздевалк* ~ онлайн|бот|нейро*|приложение
  @person|тело ~ оставь ... @taken|вещи ~ выкинь|убери|удали|сотри ~ $

  # what hides a bare body
  @takeOff|@pull|@lift|steal|drop|throw|откинь|откинуть|сдерни|урони|укради|подними|отодвинь|раздвинь ~ @veil ... body|тело|@visible|голая
  steal|steals|откинь|сдерни|урони|укради ~ (у) ~ @veil ~ $
  @takeOff|@pull|steal|урони|укради ~ @veil ~ (wrapped) ~ from|off|around|с|со ~ @person|body|тела
  @takeOff|@pull ~ @veil ... wrapped|завернут*|обернут*|закутан*|замотан*
  towel|robe|bathrobe|blanket|gown ~ slips|slipped|falls|fell|drops|dropped|slipping|falling|dropping ~ (off|away|down|to|from) ~ (floor|ground|feet|body|shoulders) ~ $
  @veil ~ (in) ~ (bath|ванне) ~ @gone|@fallen ... body|тело|тела|her|ее|нее|видно
  халат* ~ упад*|упал*|спад*|скольз*|соскольз* ~ с|со ~ @person|плеч*
  let|have|make|пусть ~ bubbles|foam|suds|пена ... @gone
  drain|слей|clear ~ bath|воду|water ... body|тело

  # what clothes turn into
  @garment ~ to|into|in|в ~ @unreal ~ $
  @garment ~ of|из ~ @skin|sunlight|moonlight|sunshine|shadow|shadows|foam|bubbles|suds|mist|steam|fog|confidence|perfume|air|nothing|свет*|вод*|воздух*|пен*|дым*|пар*|туман*|ничего|ниточ* ~ $
  @garment ~ to|into ~ nothing|zero|skin
  @fabric|@garment ... clear|прозрачн* ~ glass|plastic|стекло|пленк*|целлофан*
  @swap|replacing ~ @garment ~ with|for|to|into|by ~ @scant ~ $
  @swap ~ @garment бодиартом|кожей|воздухом
  @fabric|textile ~ @not ~ exist
  @fabric|@garment|текстил*|cotton ~ (was|were|еще|уже) ~ @not ~ (yet) ~ invented|discovered|made|изобре*|придума*
  see|sees|look|looking (straight|right) through ~ @fabric ~ $
  @fabric|textile|ткани|текстил* ~ не ~ существ*|было|бывает
  as|будто|словно|представь|imagine ~ (though|if|что|that) ~ @fabric|@garment ~ not|не|never|no|нет|dont|doesnt
  @under ~ (on) ~ @visible ~ $
  покажи|показать|засвети|показывает ~ @under ~ $
  what ~ wear|wears|wearing ~ under|beneath|underneath

  # nothing stays on
  nothing ~ on ~ but|except
  @veil|@garment ~ @not ~ cover|covers|covering|hide|прикрыва*|закрыва*|скрыва* ~ her|him|them|ее|его|их|$
  @veil|@garment ~ (ее|его|их|ничего) ~ не прикрыва*|закрыва*|скрыва*
  ничто|ничего ~ не ~ прикрыва*|закрыва* ~ @breast|тело
  nothing|ничего|ничто ~ between|между ~ camera|камерой|fabric|us|нами
  @not ~ put ~ anything|everything ~ on
  ничего ~ не ~ надел*|одел*
  ничего|ничто ~ на @person ~ не
  не ~ остав* ~ на @person ~ ничего|нитки|@garment
  ничего ~ не ~ остав* ~ на @person
  ничего|ничто ~ не ~ носит|надела|надевала|надевает|прикрывает|скрывает ~ $
  до последн* ~ нитк*|одежк*|вещ*|тряпк*|предмет*
  до (нижнего|нательного) нитк*|трусов|трусиков|лифчика|гола|белья
  (еще|пока|уже) не ~ одел*|одет*|оделась
  до|перед|прежде ~ того|тем|чем ~ (как) ~ одел*|одеться|одевается|надела
`;

/** Those that nothing excuses. */
export const undressingSequences = `
  # dressed in what is no dress
  otherwise|rest|остальное ~ bare|naked|nude|uncovered
  cover|covered|прикрой ~ @person ~ (with) ~ @only ~ @trait ~ @trait ~ @veil|sheet|простын*
  cover|covered|прикрой ~ (with) ~ @only ~ @veil|простын*|sheet
  only|just|merely|solely|только|лишь ~ wearing|wears|wear|dressed|in|в ~ (pair) ~ (of) ~ @accessory|@scant ~ $
  dress|dressed|leave|wearing|wears|одень|оставь|одета ~ @only ~ (in|в) ~ (pair) ~ (of) ~ @accessory|@scant|jewelry|jewellery ~ $
  wearing|wears|wear ~ nothing ~ $|but|at
  @veil|@accessory|@scant|@unreal|painted|разрисован* ... nothing else|more $
  @veil|@accessory|@scant|@unreal|painted|разрисован* ... больше ничего $
  одет* в ... ничего $
  под ~ @garment ~ ничего
  ничем не прикрыт*
  прикрыва* ~ @only ~ @scant
  ронят|роняет|уронила|drops|dropping ~ @veil ~ $
  @only ~ @accessory|@scant|@hosiery ~ on $
  @only ~ @accessory|@scant ~ and|и ~ smile|grin|@accessory|@scant|@unreal ~ on ~ @person ~ $
  на @person ~ @only ~ @accessory|@scant ~ и ~ ухмылк*|@accessory|@scant|@unreal $
  @only ~ @accessory|@scant|@hosiery|@under ~ @and ~ nothing|no|больше|ничего|все|никакой
  @only ~ covered|dressed|clad|wrapped|hidden|wearing|wears|покрыт*|прикрыт*|укрыт* ~ (with|by|in) ~ @scant|@skin|@unreal
  covered|dressed|clad|draped|clothed|wrapped|hidden|wearing|wears|wear ~ (with|by|in) ~ (nothing) ~ but|only|just|solely ~ @scant|@skin|@unreal
  clad|dressed|draped|clothed|covered|wrapped|wearing ~ (with|by) ~ (whipped|shaving|rose) ~ @unreal ~ only|alone $
  wearing|wears|wear|dressed|clad|draped|clothed ~ skin|smile|tattoos|perfume|moonlight|sunlight|sunshine|confidence $
  @only ~ two|three|few|fig|leaf|leaves|stickers|seashells|shells|petals|bubbles|foam|tattoos|smile ~ (leaf|petals|stickers|shells|seashells) ~ $
  @accessory|@scant|@cover|@hosiery|@unreal ~ and nothing else|more|underneath|under|beneath|on
  @accessory|@scant|@cover|@garment ~ without ~ anything|nothing ~ else|under|underneath|beneath
  @accessory|@scant|@hosiery|@cover|@unreal ~ и ~ больше|ничего|ни|все ~ (ничего|больше|чего) $
  портупе*|harness ~ and|и ~ nothing|ничего
  @cover|@garment ~ и|а|and ~ под|under|beneath ~ @person|it ~ ничего|пусто|nothing
  халат ... под @person ~ пусто|ничего
  @scant|@unreal|hands|arms ~ cover*|hid*|закрыва*|прикрыва* ~ @breast
  only strawberries|petals|hair ~ cover*|hiding
  keep|leave|leaving|keeping|remain|остав* ~ @only ~ @accessory|@scant|@hosiery ~ on
  keep|leave ~ @accessory|@hosiery ~ on ~ @and ~ remove|delete|erase|lose ~ everything|all|rest
  only ~ @accessory|@hosiery ~ remain|remains|stay|stays|left
  everything|all|clothes ~ off|gone|away ~ @except ~ @accessory|@scant|@hosiery
  на @person ~ @only ~ (солнечн*|лунн*) ~ @accessory|@scant|@hosiery|@under|@unreal $
  остав* ~ на @person ~ @only ~ @accessory|@scant|@hosiery|@under ~ $
  остав* ~ @only ~ @accessory|@scant|@hosiery|@under ~ на @person
  покрыт*|прикрыт*|укрыт*|одет*|завернут*|прикрой|укрой ~ @only ~ (в) ~ @scant|@unreal
  одет*|закутан*|облачен* ~ в|во ~ (лунн*|солнечн*) @unreal $
  @only фигов* листок|лист|листик
  @person ~ в ~ одн*|@only ~ боди|бодиарт*|краск*|арт*
  nothing under|underneath|beneath|below ~ @garment|@cover|it|that|$
  wear|wears|wearing|dressed|dress ~ less|fewer ~ (clothes|clothing|garments) ~ $
  way|much|far|lot less clothes|clothing|fabric
  less|меньше|fewer ~ fabric|cloth|clothes|ткани|одежды ~ more|больше ~ @skin
  more|больше|побольше ~ skin|тела|кожи|body ~ less|меньше ~ fabric|cloth|clothes|ткани|одежды
  more|хочу|want|побольше|больше ~ (голого) ~ тела|skin|кожи ~ $
  @under|@swim|@scant|@sheer in place of ~ @trait|@cover|@garment|business|work
  cling|plastic|saran film|wrap|foil ~ instead|only
  clothes|clothing|outfit|@garment ~ painted|нарисован* ~ on|на
  painted on|onto ~ clothes|outfit|body
  одежда|одежду|clothes ~ из|made|of ~ воды|water|воздуха|air|ничего
  @fabric ~ на|to|into|with ~ @skin
  замени|заменить|replace|swap|turn ~ ткань|ткани|fabric|cloth ~ @skin
  @garment ~ opacity|transparency ~ (to|at|5|10|20) ~ $
  @garment ~ opacity|transparency ~ 0|zero|low|100|50
  opacity|transparency|непрозрачность|прозрачность ~ (of) ~ @garment
  @garment ~ to|into|of|from|in ~ clear|see ~ plastic|glass|cellophane|film|vinyl
  make|makes|let|сделай|пусть ~ @fabric ~ @sheer ~ $

  # before or after dressing
  changing|locker|fitting|dressing room|rooms ... no|without|naked ~ @garment|$
  раздевалк* ... без|голые ~ @garment|$
  shower|bath scene
  shower|bath|душе|ванной|ванне ~ with|с ~ him|her|ним|ней|them
  bath|ванну|ванне ... no|without|без ~ foam|bubbles|пены
  stop|quit|refuses|refuse|hates|hate ~ wear|wearing ~ @garment|anything
  forgot|forget|forgets|forgetting|forgotten ~ wear|put|putting|wearing ~ @garment|anything|everything
  forgot|forget|forgets|forgetting|forgotten ~ (get|getting) dress|dressed $
  before|until|while ~ (getting|get|gets|got) dressed|dressing $
  before|until|while ~ putting|puts|put ~ @garment
  @not ~ (get|getting) dressed|clothed ~ yet|at
  yet ~ to ~ get|getting dressed
  забыл*|забыв*|успел* ~ одеться|надеть|одеть ~ (@garment) ~ $
  in|under|taking|having ~ shower|bath|bathtub|sauna|jacuzzi ... without|no ~ anything|towel|everything|swimsuit|robe
  out|from ~ of ~ shower|bath|bathtub|sauna|jacuzzi ... without|no ~ anything|towel|robe|@garment
  look|looks|imagine ... in|under|taking ~ shower|bath|bathtub $
  в|из|под ~ душ*|ванн*|бан*|саун* ... без ~ полотенц*|ничего|всего|халат*
  swim|swims|swimming|bathe|bathes|bathing|sunbathe|sunbathing|sleep|sleeps|sleeping|dance|dances ... without|no ~ @garment|anything|towel|trunks
  without|no ~ swimsuit|bikini|trunks|top|towel|bra ... beach|pool|sun|sea|yacht|shower|sauna
  без ~ купальник*|плавок|лифчик*|верха|низа|полотенц*|бикини ... пляж*|солнц*|яхт*|море|моря|бассейн*|песк*|песок|душ*|сауне
  lost|проиграл*|проспорил* ... strip|раздева*|снимает|снять
  ^ @person|all ~ @garment ~ are|is|lie|lies|lying|dropped|fallen ~ floor|ground

  # other words for naked
  wearing|in ~ what ~ god|nature
  stripped ~ bare|naked|nude
  @person ~ (completely) ~ stripped $
  ее|его|их раздели
  bare|naked ~ as ~ newborn|baby|born
  barely|hardly|scarcely ~ clothed|dressed|covered|covers|covering|wearing|concealing
  едва|еле|чуть|скудно ~ (ли) ~ прикры*|одет*
  bare|голые|голая|голый ... and|и ~ breasts|грудь|попа|chest|bottom
  lady godiva
  леди годива
  fig leaf|leaves
  фигов* лист*
  commando ... kilt|skirt|dress|under
  unsafe for work
  as|like|how|way|than|just ~ god|nature|lord|mother|mama|mum ~ made|intended|created|gave|meant
  god|nature|lord ~ made|created|intended ~ her|him|them|$ $
  as|like|the|when|day ~ born $
  came into ~ this|the|world
  like|as ~ eve|adam ~ in|without|before|$
  eve|adams|eves|adam ~ costume|suit|outfit
  eve|ева ~ before|до
  как ~ ева|адам ~ в|без|до|$
  как венера ... без
  like|as|birth ~ (of) ~ venus
  рождени* венер*
  wearing|wears|wear|dress|dressed|одень|надень|одета ... emperor*|короля new|$ clothes|suit|$
  wearing|wears|wear|dress|dressed|одень|надень|одета ... emperors new clothes
  одень|надень|одета ... новое платье короля
  birthday suit|clothes|outfit|costume
  в чем ~ на|в|она ~ свет|мир|родил*|появил*|мать
  наряд|костюм ~ новорожден*|адама|евы
  как|какой|какую ~ бог|господь|природа|мать|мама ~ созда*|родил*|сотвор*|задум*|сдела*
  гол* как сокол
  гола ~ девушк*|она|совсем|полностью
  in ~ raw|altogether|nip|nuddy $
  top less ~ $
  leave|leaves|leaving|left|little|nothing|less ~ (nothing|little) ~ to ~ imagination
  full|fully monty|frontal
  stages|state of undress
  without|hardly|nary|@not ~ stitch|thread|scrap
  bare from|below|under ~ waist|hips|neck|chest|belt|navel
  no|without kit $
  in|into the buff $|on|in|at|by|with|and
  сними|скинь|стяни|спусти верх|низ ~ $
  let|letting|have ~ it ~ all ~ hang|hanging
  bare|bares|baring|bared ~ it ~ all|everything
  bare|bared|bares|baring|naked|exposed ~ backside|behind|bum|butt|bosom|bosoms|breasts|derriere|buttocks|loins|midsection|rump
  fully|completely|totally|body|breasts|chest|bosom ~ exposed|uncovered|unconcealed ~ $
  show|shows|showing|reveal|reveals ~ it all|everything $
  show|shows|showing ~ (off|us|more|some|lots) ~ skin $
  way|lot|lots|tons ~ (more|of) ~ skin ~ $
  strips|stripping|strip|undresses|disrobes ~ for|bare
  strips|stripping|strip ~ down ~ $
  go|goes|going|gone commando
  free|freed ~ nipple|nipples|boobs|tits
  flash|flashes|flashing ~ her|his|breasts|chest|boobs|us|me|everyone
  her|his|show|in ~ natural ~ body|form|figure|state $
  в ~ натуральном|естественном|первозданном|природном ~ виде|состоянии ~ без|$
  @not safe for work
  nothing|none ~ cover*|hiding|hides|conceal* ~ her|him|them|body|breasts|chest|skin
  life drawing
  nude|naked|undress* mode|filter|app|ai|bot
  skinny dip
  неглиже|дезабилье
  дорисуй|дорисовать|дострой ~ тело|фигуру|голую ~ $
  дорисуй|нарисуй ~ @person ~ тело ~ $
  спали|подпали|сожги ~ одежду|$ $

  # the body or what is under the clothes is seen
  under|beneath|под ~ hem|подол ~ $
  robe|bathrobe|халат ~ open|распахнут ... everything|все
  see through everything
  все прозрачное
  reveal|reveals|flash ~ @under ~ $
  пусть|let ~ поднимет|lift ~ юбку|платье|skirt|dress
  (wet) tshirt contest
  мокрых маек|футболок
  what|whats|что ~ under|beneath|underneath|там ~ there|here|под ~ (кофт*|одежд*) $
  look|view|peek|peeks|заглян*|вид|посмотри ~ down|in|inside|в ~ top|blouse|shirt|dress|bra|вырез|декольте|лифчик
  кожа|skin ~ (there|там) ~ where|где ~ @garment|@cover
  @visible ~ body|тело|тела|@breast ~ through|сквозь|через|under|под
  @sheer|clear ... @visible ~ body|тело|@breast ~ $
  look|looks|она|выглядит|какая|такой ~ (она) ~ underneath|beneath|under|под ~ it|that|this|all|всем|этим ~ (all|этим) ~ $
  what|что ~ behind|under|beneath|за|под ~ towel|robe|sheet|полотенц*|халат*|простын*
  reveal|@visible|покажи ~ what|whatever|все|то ~ (что|that) ~ @cover|@veil|@garment ~ hides|conceals|covers|hide
  reveal|@visible|покажи ~ (все|то) ~ что ~ скрыва*|прикрыва*|закрыва* ~ @cover|@veil|@garment
  (so|too|very) thin|sheer|wet|short|tiny|tight|low|small|minimal|revealing ~ that|you|we|it|as ... @visible|everything|naked
  wet|soaked|soaking|drenched|damp ~ @garment ... cling*|stick*|everything|@breast|through|transparent|nipples
  мокр*|промок*|намок* ~ @garment ... облега*|облепи*|прилип*|просвеч*|видно|@breast|все|насквозь
  тонк*|мокр*|коротк*|узк*|прозрачн* ~ что|чтобы ~ видно|все|@breast|просвечива*
  thin|sheer ~ @fabric ... @visible ~ @bodies|@breast|skin|everything
  нараспашку|распахнут*|расстегнут* ... ничего|пусто|грудь|голая
  xray|ray|рентген* vision|eyes|goggles|specs|зрение|зрением|очки|режим|mode
  airport|body|сканер|scanner ~ (в) ~ scanner|scan|аэропорт* ... body|тело
  lift|lifted|lifting|raise|raised|hike|hiked|pull|pulled ~ hem|skirt|dress ~ (up) ~ to|above|around|over ~ waist|hips|chest|head
  подол|юбка|платье|юбку ~ задран*|поднят*|подня* ~ до ~ пояса|талии|груди|бедер|головы
  подол|юбка ~ задран*
  reveal|expose|uncover|unveil ~ body of ~ @person
  uncover|unveil ~ @person ~ (up) ~ from|top|entirely|fully|completely|wholly|$
  открой|раскрой ~ @person ~ полностью|сверху|целиком|с ~ (головы|сверху|ног) ~ до|$
  expose|reveal|uncover|bare|show|открой|оголи|обнажи ~ upper|lower|верхнюю|нижнюю body|half|часть|половину ~ of|тела|@person|$
  hand|hands|fingers ~ under|inside|up|down|in ~ skirt|dress|blouse|panties|bra|bikini|underwear|shirt
  рук*|ладон*|пальц* ~ (у) ~ (@person) ~ под|в ~ кофт*|юбк*|трус*|блузк*|футболк*|лифчик*|плать*|бель*
  снизу|below|beneath|up ~ under|под|up ~ @garment
  move|lift|убери|take|raise|подними|отведи|сдвинь ~ arm|arms|hand|hands|руку|руки|palms ... breasts|body|тело|грудь|прикрыва*|закрыва*|uncovered
  unbutton|unbuttoned|unzip|unzipped|open|расстегни|расстегнут*|распахни ~ (down) ~ to|до ~ navel|waist|belly|пуп*|талии|живота
  cut|вырежи|прорежь|отрежь ... chest|@breast ... @garment
  cut|вырежи|прорежь|отрежь ... @garment ... chest|@breast ~ $
  unblur|unpixelate|depixelate|разблюрь ... bits|part|parts|area|places|места|@breast|@person
  @cutOut|without|unblur|без ~ @censor ... private|privates|intimate|naughty|nipples|@breast|интим*
  @cutOut ~ черн*|black @censor ... закрыва*|скрыва*|прикрыва*|cover*|hid*
  naughty|private bits|area|areas|parts|places
`;
