/** Sequences of words that are sexual whatever they are about, in the notation of users/policy/sequence.ts. Data alone. */

export const sexualSequences = `
  # kinds of pictures
  ^ 18 ~ (please|пожалуйста|плиз) $
  @not sfw
  сделай ~ @garment|фото|картинку ~ (ее) ~ неприличн*|непристойн*
  rule 34
  r34|r18 ~ $
  18 plus|only|rated|плюс|версия|версию|контент|вариант|фото
  рейтинг|rated 18
  make|made ~ 18|adult|explicit $
  for ~ adults|men|onlyfans ~ only|$ $
  adult|adults|mature content|only|movie|film|video|photo|picture|pic|image|shoot|site|rated|magazine
  adult|mature version ~ (of) ~ @person|@photo|$
  фото|картинк*|контент|видео|фильм|кино|сцена|журнал* ~ для взрослых
  взросл* контент|фильм|видео|журнал
  mens magazine|cover
  only fans
  онлифанс*
  thirst trap
  money|cum shot
  постельн* сцен*
  bed scene
  sexy|naughty|steamy|spicy|suggestive|provocative|risque|flirty|filthy|raunchy|lewd|kinky|nasty pose|poses|photoshoot|shoot|pic|pics|picture|pictures|outfit|nurse|maid|scene|clothes|costume|selfie|version|stuff|photo|girl
  kinky $
  suggestive|suggestively|provocatively|naughty|erotically|sexily ~ pose*|dressed|look*|posing|lying
  make|makes|making|turn|have ~ (more) ~ spicy|spicier|naughty|naughtier|steamy|steamier|hornier|raunchy|slutty|dirty $
  put|dress|wear|give ~ something|smth|anything|clothes|what ~ (very|super|extremely) ~ @revealing
  very|super|more|extremely|too|really|очень|супер|более|слишком|самое ~ @revealing ~ $
  сделай ~ (фото) ~ погорячее|попошлее|пожарче|поинтимнее|горяченьк*|развратн*|поразвратн*|сексуальн*|распутн*|откровенн* ~ $
  (в) пикантн*|соблазнительн*|развратн*|непристойн*|вызывающ* ~ поз*|вид|виде|наряд*|фото|белье|образ*

  # underwear on show
  @only ~ @under ~ under|beneath|под
  на @person ~ @only ~ @under
  ^ @only ~ плавк*|bottoms|низ|верх|bottom ~ $
  (bikini) bottoms only
  @only ~ расстегн*|open|unbuttoned ~ @garment|рубашк*
  @swim|@under ~ as|как|possible ~ small|tiny|можно ~ as|меньше
  smallest|tiniest|самое|самый ~ (маленьк*|крошечн*) ~ @swim
  in|в lace|lacy|кружевн* ~ @under ~ $
  ^ @lingerie ~ $
  @lingerie model|shoot|photoshoot|photo|pic|pics|set|party|version|shot ~ $
  eyes|pose|bed|bedroom|sofa|look ... @lingerie
  @under ~ only|just $
  @only|just|просто ~ @under ~ $|and|и|на|on
  only|just|trying|try ~ on ~ underwear|lingerie|bra
  @swim|@under ~ (на) ~ (one|two|три|два) ~ size|sizes|размер|размера ~ too|меньше|small|маленьк*
  @under ~ and|и ~ @under|@hosiery|garters|garter|подвязк*|nothing|больше|все ~ $
  stockings|чулки|чулках ~ and|и|с ~ garters|garter|suspenders|подвязк*|heels|@under
  garter belt|belts|suspenders
  corset|harness|корсет*|портупе* ~ and|with|и|с|плюс ~ garter*|stockings|fishnet*|suspenders|подвязк*|чулк*
  mistress|госпож* ~ in|в ~ latex|leather|латекс*|коже
  edible|съедобн*|crotchless|transparent|sheer|прозрачн* ~ @under
  @under ~ с|with ~ разрез*|hole|slit
  @under ~ торч*|выглядыв*|виднеет*|видне*|видно|showing|visible|peeking|sticking ~ из|from|over|above|над|out|$
  hand|nipple|peekaboo|cupless|shelf bra|pasties|tassels
  peek boo|a ~ (boo) ~ bra
  micro|string|thong|tiny|dental|floss|skimpy|микро|мини ~ (floss) ~ bikini|string|monokini|бикини|купальник|стринги
  bikini ~ (made) ~ of|from ~ floss|string|thread|shells|leaves|nothing
  бикини|купальник ~ из ~ нит*|ракушек|листьев|веревоч*
  whale tail
  try*|примеря* ~ (on|на) ~ @under ... show|покажи|нарисуй

  # parts of the body
  free|освободи|выпусти ~ @breast
  her|his|ее|его|show ~ charms
  прелест* ~ напоказ
  bare|naked|голые cheeks|булки
  дойки побольше
  hand|hands|рука|руку|head|голова ~ between|между ~ legs|ног|thighs
  full|rear ~ view ~ of ~ (bare) ~ behind|bottom|rear
  what|whats|show|покажи|что ~ (what|что) ~ (у) ~ between|между ~ legs|ног|thighs|бедер
  ^ between|между ~ legs|ног ~ $
  give|дай|сделай ~ (big|huge) ~ bulge|бугор
  double d|dd ~ $
  член ~ видно|виден|торч*|выпира*
  bulge|бугор ~ in|в ~ (tight) ~ pants|trousers|shorts|штан*|брюк*|трус*
  покажи ~ его|ее ~ хозяйство|достоинство|прелести|причиндалы
  приблизь|zoom|closeup|focus ~ (in) ~ (on) ~ @breast ~ $
  show|see ~ nip
  show|reveal|expose|enlarge|see ~ her|his ~ goods|assets|melons|nuts|junk|nutsack|behind|groin|package|willy|rear|backside|booty $
  her|his|their ~ jugs|knockers|funbags|manhood|privates|bulge|bazookas|honkers|schlong|pecker|ladyparts
  larger|bigger|huge|massive|fat|thick|rounder|juicier|enormous|giant ~ behind|rear|backside|derriere|rack|bottom|bosom|bosoms|hips|thighs|melons|jugs
  @person ~ dick|cock|dicks|cocks|boner
  dick|cock pic|pics|picture|out|hard|erect
  big|huge|hard|massive|erect ~ dick|cock|member|boner
  dd|ddd|e|f|g|h cup|cups
  butt|plumbers crack
  cleavage for days
  plunging|deep|exposed|more|lots|huge ~ (of) ~ cleavage
  neckline|вырез|декольте|cut|разрез ~ (plunge*|deep|глубок*|open|opens|drops) ~ (down) ~ to|до ~ (belly) ~ navel|belly|waist|button|пуп*|пояса|талии|бедр*|бедер
  plunging|low neckline ~ $
  глубок*|откровенн*|огромн*|большое декольте|вырез ~ до|чтобы|$
  @breast ... вывал*|выпад*|выпрыг*|вылез*|высун*|выскоч*|выскак*|spill|spills|spilling|pop|popping
  push|lift|подними|squeeze ~ @breast ~ up|together|чтобы|вместе
  грудь|груди|попа|сиськи ~ наружу|вывал*|колышет*|трясет*|крупн*
  грудь|бюст|груди|@breast ~ (на) ~ перв*|втор*|трет*|четверт*|пят*|шест*|седьм*|три|два размер*
  грудь|груди|попа|попу|жопа ~ как ~ арбуз*|дын*|мяч*|шар*|орех*|персик*
  грудь|груди|попа|бюст ~ раза|вдвое|втрое
  грудь|попу|попа|зад ~ крупным|ближе планом|$
  @person ~ прелести|буфера|дойки|мохнатк*|срамн*|причинд*
  прелести|достоинство|хозяйство|дыньки|агрегат ~ наружу|видно|напоказ

  # positions
  bend|нагни|наклони ~ @person ~ over|над
  ass|butt|жоп*|поп* ~ in|up|к ~ air|кверху
  bend|bends|bent|bending ~ over ~ $
  all fours
  face down ... ass|butt|up
  arch|arched|arching ~ back ~ on|sexily|bed
  spread|spreads|spreading ~ legs|thighs|knees|cheeks|eagle
  legs|thighs|knees ~ spread|apart|wide|open|parted
  open|opens|part|parts|wide ~ legs|thighs ~ $
  on|на ~ knees|колени|коленях ... mouth|рот|him|ним|collar|leash|поводок|ошейник
  collar and leash|chain
  ошейник и поводок
  missionary|cowgirl|doggy|doggie|sex position|style
  ^ 69 ~ $
  поза|position 69|раком|наездниц*|миссионер*|догги
  верхом ~ голая|голый
  поставь|стоит|встала|встал|стоя|поставить|стоящ*|ставит|ставь|загни|нагни ~ раком|буквой
  раком $
  ^ раком
  нагни|наклони|прогни|нагнул*|наклонил*|прогнул* ~ (вперед) ~ раком|попой|задом
  ноги|ножки|бедра|коленки|ног ~ раздвин*|врозь|раскинут*|шире|широко|расставл*|раскинул*
  раздвин*|разведи|развед*|раскин*|расставь|расставл* ~ (широко) ~ ноги|бедра|колени|коленки
  раздвин*|разведи|развед*|раскин*|расставь|расставл* ~ ножки ~ $
  вид снизу|сзади ~ под ~ @garment

  # acts
  (couple|people) doing it ~ $
  people|two|caught|couple ~ in ~ act $
  knees|коленях ... sucking|sucks|сосет
  трогает|ласкает себя
  dirty magazine
  take|takes|taking ~ her|him ~ from behind
  возьм*|берет ~ ее|его ~ сзади
  gives|give|getting|receiving ~ oral
  she|he|девушка ~ stripping|strips
  rub|rubs|rubbing|caress*|stroke|strokes|stroking|fondle*|kiss|kisses|kissing|гладит|мнет|ласкает|целует ~ breasts|boobs|ass|butt|nipples|грудь|попу|груди
  him|he ~ inside her|him
  он ~ входит|вошел|проник* в нее|ней
  pole dance|dancing|dances|dancer
  lap dance|dancing
  make|making|made|makes love|out ~ $
  making out
  give|gives|giving|gave head
  blow|blows|blowing ~ him|me|them ~ $
  do|doing|does ~ deed
  get|gets|getting it on $
  make|let|have ~ them ~ mate|bang|shag ~ $
  knock|knocked ~ her ~ up
  suck|sucks|sucking|lick|licks|licking|ride|rides|riding ~ dick|cock|him|balls|penis
  cum|cums ~ on|in|over|inside|covered|face|shot|$
  covered ~ in ~ cum|sperm|semen
  oral|anal|vaginal|rough|group|unprotected sex
  in heat $
  turned|turn on sexually
  jerk|jerks|jerking|finger|fingers off|herself|himself
  touches|touching|pleasure|pleasures|pleasuring herself|himself|themselves|itself
  touch|touches|touching|grope|gropes|groping|squeeze|squeezes|squeezing|grab|grabs|grabbing|fondle* ~ @breast|boobs|ass|butt|chest|breasts|crotch
  french kiss|kissing
  kiss*|целу* ~ взасос|passionately|tongue|языком|страстно
  кончи*|кончает|кончают ~ (на|в) ~ лицо|грудь|рот|нее|него|тело
  ^ кончает|кончил|кончай ~ $
  сосет|сосут|соси|лижет|лижут ~ член
  занима*|занят*|занял*|займ* ~ любовью|сексом|этим
  любовью|сексом ~ занима*|занят*
  полов* акт*|близост*|связ*|сношен*
  интимн* близост*|связ*
  приятно ~ ртом|языком
  ласкает|гладит|удовлетвор* ~ себя|сама
  трогает|щупает|лапает|сжимает|мнет ~ (за) ~ @breast|грудь|попу
`;
