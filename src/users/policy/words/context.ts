/**
 * The words by which the built-in policy tells an everyday edit from one that undresses: whose the clothes are, where they lie, what is
 * put on instead. Data alone, as in word_lists.ts; these are known as they are written, never disguised, and a word in here may be
 * the disguise of another.
 */

/** Words by class. A word may be in several. */
export const contextLists = {
  bareThing: `
    cake cakes burger burgers sandwich pizza egg eggs chicken bird feather branches twig twigs plant plants field fields desert floor floors
    ceiling table skeleton mannequin mannequins cat cats sphynx dog dogs fur mole engine pipe pipes sword blade ambition truth fact facts
    car cars bus convertible cabriolet clay mud shoes lace mesh backdrop roof snail slug
    кот коты коту котом кошк* сфинкс* собак* торт* бургер* кур* курица цыпл* яйц* манекен* лампоч* степ* поле полям пустош* горох сосн*
    асфальт* рельс* металл* кладк* бревн* доск* каркас* король короля туфл* босонож*
    gingerbread cookie skull bone bones череп* нерв* правд* пряник* печень*
    тесто теста dough
    doll dolls figurine banana bananas potato apple peach onion кукл* банан* картоф* макияж*
    turkey goose индейк* утка гусь
    shelf shelves window windows tables door frame room stage corridor desk rod hanger canvas page metal steel iron board cardboard rack
    stem stems vine полк* полок окн* двер* балк* рам* труб* вешалк* витрин* сцен* комнат* квартир* участ* балкон* крыш* дорог* мост*
    столб* стеллаж*
    веточк* прутик* стебел* стебл* ногт* ноготк* колготк* лодочк* пол
    mast masts hedge hedges vineyard мачт* изгород*
    sandals sandal flats boots bag coat оттенка огонь огня босоножки cookbook`,
  prep: `поверх вдоль мимо посреди below onto`,
  thing: `
    waist
    waistline neckline style shape outline border graphic embroidery zip zipper fringe belt brand price sweat tie veil buckle patch ruffles
    photobomber passerby label sticker watermark pen flower thread threads wire length trim
    ценник* катышк* затяжк* вышив* рисунк* пряж* нашивк* наклейк* подол* вырез* каблук* волос* шерст* крошк* подпис* нитк*
    press
    shoulder shoulders
    light lights lamp door doors window wheel wheels bumper seat seats  mirror pocket`,
  place: `
    billboard poster magazine painting laundry wardrobe drawer drawers dryer dryers washing shop store window windows display displays market seller bench benches grass sand mud beach
    yard fence street ground stall cupboard suitcase bag box basket pile heap corner doorknob railing towel background foreground stand boutique
    pole tree trees car road rail carpet sink 
    верев* бельев* двор двора дворе забор* скамейк* скамь* лавк* витрин* шкаф* комод* чемодан* сумк* короб* корзин* корзин угл* угол куч*
    пляж* трав* песк* песок камн* дорогу дороге балкон* ручк* магазин* рынк* прилавк* полк* табурет* тумб* ковр* ковер батаре* кадр* задн* рейл*
    product empty inside
    radiator washer clotheslines mannequins pavement asphalt meadow dock pier deck bathroom hook hooks coathanger cloakroom locker lockers
    bin trash museum gallery showcase vitrine counter cart trolley banister staircase stairs desk ironing board радиатор* сушк*
    полотенцесуш* гладильн* тротуар* асфальт* раковин* ванн* урн* мусор* музе* галере* тележк* перил* лестниц* ступен* крючк* гвозд*
    крючок плечик* тремпел* пакет* ящик*
    seat seats сиден*`,
  /** What may own clothes or be bare and is no person: animals, figures, food, furniture. */
  creature: `
    dog dogs doggy puppy puppies poodle cat cats kitten kittens pet pets horse horses pony monkey monkeys ape chimp chimpanzee bear bears
    teddy penguin pig piglet rabbit bunny parrot bird birds hamster goat cow sheep lamb lion tiger fox frog duck animal animals elephant
    doll dolls barbie barbies puppet puppets mannequin mannequins dummy dummies statue statues statuette sculpture sculptures figurine
    figurines bust scarecrow snowman robot robots android toy toys plush gnome manikin
    cake cakes burger sandwich chicken turkey potato potatoes salad tomato onion onions banana bananas orange herring fish fruit fruits
    tree trees bed beds sofa sofas couch chair chairs armchair pillow pillows table tables car cars wall walls lamp house building pole bottle
    bottles gift present chocolate ornament ornaments wallpaper
    собак* собач* пес пса псу щен* пудел* кот кота коту котом коты котов котик* кошк* кошеч* котен* котят* лошад* конь коня коню пони обезьян* мартышк*
    медвед* медвеж* мишк* мишка пингвин* кролик* зайц* заяц зайчик* попуга* хомяк* коз* коров* овц* лев льва тигр* лиса лису лисы лисе лягуш* утк* живот* зверь
    зверя зверушк* питом* такс* мопс* слон*
    кукл* куколк* барби манекен* статуэт* стату* скульптур* фигурк* пугал* снеговик* робот* игрушк* плюшев* чучел* марионет* памятник*
    торт* курица курицу курицы курице бургер* картош* картоф* салат* лук лука капуст* банан* апельсин* селедк* рыба рыбу рыбы конфет* фрукт* овощ*
    елк* елоч* дерев* кровать кровати диван* кресл* стул* подуш* матрас* стол стола машин*  стен* дом дома бутылк* подар*
    figure form
    greyhound husky corgi bulldog terrier retriever labrador dachshund pug chihuahua beagle kangaroo gorilla squirrel mouse rat
    шимпанзе горилл* бульдог* терьер* хаски лабрадор* чихуахуа бигл* белк* мышь мыши мышк* енот* ежик* еж
    hedgehog raccoon wolf deer giraffe camel donkey turtle snake lizard dinosaur dragon skeleton skeletons ghost cactus pumpkin cupcake
    ken minifigure lego plushie stuffed donald pooh paddington gingerbread llama alpaca ferret parakeet owl eagle hen rooster chicks
    zebra panda koala otter seal orangutan baboon ram ewe calf cows pigs goats sheepdog collie schnauzer spaniel pooch hound 
       manequin maneken marionette nutcracker voodoo avocado carrot carrots corn cob shrimp shrimps prawn prawns lobster
    crab oyster sausage sausages lollipop candy  noodles pasta tofu cheese bread maypole lampshade bulb lampshades canapes cupcakes
    sandwiches burgers tomatoes волк* волч* олен* жираф* верблюд* осел осла ослу черепах* змея змею змеи ящериц* динозавр* дракон* скелет* привиден*
    тыкв* кактус* пупс* лего пупса куколок панд* коал* зебр* лама ламу альпак* хорек хорьк* сова сову совы орел орл* петух* петуш* баран* бык быка
    теленк* свин* поросен* гусь гуся индюк* ослик* рыбк* рака раки краб* креветк* сосис* колбас* морков* кукуруз* авокадо помидор* огур* яблок*
    груш* макарон* паста пасту сыр хлеб* леденц* мороженн* орех* креманк*    щелкунчик* матрешк* неваляшк* истукан*
    венер* аполлон* давид* купидон* гном* тролл* хоббит*
    doggys puppys poodles ponys apes chimps chimpanzees teddys penguins piglets rabbits bunnys parrots hamsters sheeps lambs lions tigers
    foxs frogs ducks elephants dummys statuettes scarecrows snowmans androids plushs gnomes manikins sandwichs chickens turkeys potatos
    salads tomatos oranges herrings fishs couchs armchairs lamps houses buildings poles gifts presents chocolates wallpapers greyhounds
    huskys corgis bulldogs terriers retrievers labradors dachshunds pugs chihuahuas beagles kangaroos gorillas squirrels mouses rats
    hedgehogs raccoons wolfs deers giraffes camels donkeys turtles snakes lizards dinosaurs dragons ghosts pumpkins kens minifigures
    plushies donalds poohs paddingtons gingerbreads llamas alpacas ferrets parakeets owls eagles hens roosters zebras pandas koalas otters
    seals orangutans baboons rams ewes calfs sheepdogs collies schnauzers spaniels poochs hounds manequins manekens marionettes
    nutcrackers voodoos avocados corns cobs lobsters crabs oysters lollipops candys pastas tofus cheeses breads maypoles bulbs
    tripod штатив* tailors`,
  minor: `
    child children childs childrens kid kids baby babys babies toddler* infant* boy boys girlchild schoolgirl* schoolboy* teen teens teenage*
    preteen* underage minor minors son sons daughter daughters nephew niece pupil pupils
    ребен* детей дети детям детьми детск* малыш* младен* мальчик* девочк* школьни* подрост* дочк* дочер* дочь сын сына сыну сынок племян*
    несовершеннолет* малолет* rebenk* rebenok
    девочек`,
  /** Parts of people that may be bare. */
  shown: `
    shoulder shoulders foot feet arm arms hand hands leg legs knee knees ankle ankles neck face head forehead elbow elbows toe toes wrist
    wrists heel heels finger fingers back midriff palms
    плеч* ног ноги ногами ногах ножк* колен* рук* ступн* пятк* лодыж* шея шею шеи шеей голов* лиц* локт* пальц* кист* щиколот* спин* икр* ладон*`,
  /** Clothes in which a person may be shown: to put them on is a change of clothes. */
  cover: `
    dress dresses shirt shirts tshirt tshirts tee blouse blouses skirt skirts pants trousers jeans sweater sweaters hoodie hoodies jumper pullover
    turtleneck cardigan polo gown gowns robe robes suit suits tuxedo* jacket jackets coat coats parka* blazer* vest kimono* hanbok* sari saree* cheongsam*
    qipao uniform uniforms costume costumes armor armour wetsuit* spacesuit* overalls dungarees tracksuit* pajamas pyjamas raincoat* trenchcoat*
    scrubs toga poncho* cape cloak shawl cassock habit outfit outfits clothes clothing attire wear workwear sportswear tunic* sweatshirt* windbreaker* fur
    sundress pinafore kilt leotard jumpsuit* romper apparel garments
    платье платья платьем платьиц* рубашк* рубах* футболк* блуз* юбк* юбоч* брюк* джинс* штаны штанах свитер* кофт* кофту толстовк* худи свитшот*
    джемпер* пуловер* водолазк* кардиган* поло костюм* смокинг* пиджак* куртк* курточ* пальто плащ* пуховик* шуб* шубк* тулуп* халат* жилет*
    кимоно ханбок* сари форму форма форме формой униформ* мунди* доспех* латы скафандр* гидрокостюм* комбинезон* пижам* ряс* мантию мантии тогу тога пончо накид*
    сарафан* кафтан* кольчуг* фрак* бушлат* шинел* камзол* тельняшк* спецодежд* спецовк* одежд* наряд* брючн* гражданск* дождевик* ветровк*
    sweatpants joggers chinos slacks kit jersey треники трико
    bathrobe nightgown top топ
    формы`,
  /** Of these, what covers the legs alone, and what covers the rest alone. */
  lower:
    `skirt skirts pants trousers jeans shorts leggings kilt panties knickers брюк* джинс* штаны штанах штанов юбк* юбоч* шорты лосины трусы
    sweatpants joggers chinos slacks треники трико`,
  upper: `
    shirt shirts tshirt tee blouse sweater hoodie jumper pullover turtleneck cardigan polo jacket blazer vest top shawl cape bra
    рубашк* футболк* блуз* свитер* кофт* толстовк* худи свитшот* джемпер* пуловер* водолазк* кардиган* поло пиджак* куртк* жилет* майк* топ лифчик*
    top топ`,
  /** Cover too little to be worn alone. */
  scant: `
    towel towels apron aprons sheet sheets hand hands hair flower flowers leaf leaves petals socks sock shoes heels boots hat tie smile jewelry
    jewellery necklace stockings fishnets pasties bodypaint paint foam bubbles cream ribbon ribbons bow shorts
    полотенц* простын* фартук* руками рукой волосами волосы цветами листьями лепестк* носках туфлях чулках чулк* сапогах шляпе галстуке украшениях
    пен* лент* шортах туфли чулки каблук*
    краск* сливк* улыбк* gloves перчатк* bedsheet bedsheets arms palms necklace ладон*
    галстук арте
    tape stickers string strings chains net cellophane скотч* наклейк* цеп* листик* листок`,

  /** "bare her chest"; not of feet, walls. */
  bareOnly: `bare bares baring`,
  bareChest:
    `chest chests chested breast breasts breasted bust butt butts bottom bottoms ass bum torso body bodies skin boobs backside naked crotch`,
  wholly: `completely totally fully entirely absolutely whole quite stark`,
  dressedOnly: `dressed clothed одета одетая одетый одет одетые`,
  /** To hide what is bare, or to dress it. */
  conceal: `
    blur blurs censor censored pixelate pixelated hide cover covers mask conceal dress clothe clothes obscure
    размой размыть заблюрь заблюрить замажь замазать закрой закрыть прикрой прикрыть спрячь спрятать скрой скрыть цензур* зацензур* одень оденьте одеть
    оденем прикрыв*`,
  cutOut: `
    remove erase delete crop cut убери уберите убрать удали удалить сотри стереть вырежи
    обрежь отрежь`,
  censor:
    `censor* censorship mosaic pixel* pixelation bars bar blur цензур* мозаик* блюр* размыти* плашк*
    пиксел* полоск*`,
  /** "everything except". */
  except:
    `except but besides apart excluding save other around behind beyond outside beside near next background frame кроме кром вокруг позади сзади рядом
    слева справа лишн* предмет* фон фоне фона`,
  keep:
    `keep keeps keeping leave leaves preserve stay stays retain оставь оставить остается останется сохрани`,
  /** What clothes do to a person. */
  wears: `
    clad covered wear wears wearing wore worn dressed covers covering hides hiding
    надет* одет* носит прикрыва* скрыва* закрыва* прячет
    надел* надет*
    прикрыт*`,
  whatever:
    `what whatever everything all anything things clothes stuff items garments thing все то вещи что
    того чего тем чем
    всего`,
  lies: `
    hang hangs hanging lie lies lying left scattered folded drying dries piled dropped thrown stacked someone somebody nobody
    висит висят висящ* лежит лежат лежащ* развеш* разброс* забыт* оставлен* сушащ* сушит* сохн* стоящ* валя* брошен* мокнет сложен* куч* никто`,
  beyond: `behind beside near around outside past за позади около возле вокруг рядом
    перед front`,
  inDepth: `mode режим vision view goggles glasses body through зрени* тело тела сквозь через
    очк*`,
  xray: `xray xrays ray rays рентген*`,
  ex: `x`,
  outOf: `out из`,
  deprive:
    `free rid relieve deprive strip divest liberate освободи освободить избавь избавить избавьте лиши лишить лишите
    избавься избавиться`,
  only: `only just solely merely nothing одном одних одной один только лишь исключительно
    просто`,
  covered: `
    wear wears wearing dressed covered covering cover covers wrapped wrap wraps leave leaves keep stay clad in around в во прикрыта прикрыт прикрыты
    прикрывает оставь останется остается остаться остались укутай замотай`,
  revealing: `revealing provocative skimpier откровенн* пооткровенн* вызывающ* пикантн*`,
  pose:
    `вырез neckline pose poses posing outfit look looks photo picture позе поза позу образ вид фото наряд`,
  /** "in its place". */
  instead:
    `instead over replace replaces replaced replacing swap fill filling inpaint paint turn into place where вместо замени заменить замажь закрась поверх цвет* залей
    где`,
  shred: `stitch thread scrap shred inch piece нитк* клочк* вещи вещ* лоскут* кусочк* предмет*`,
  undressSelf:
    `раздень* раздеть* раздев* разденьте раздену* раздене* undress undresses undressing disrobe disrobed unclothe* strip stripping declothe* undres`,
  nudityNoun:
    `секс секса nudity nudes nakedness нагот* обнаженк* эротик* porn порно nsfw sexual erotic сексуальн* эротическ*`,
  decent: `clothed dressed decent decently одет* прилично приличн* formal family`,

  clothe: `
    put dress wear wears wearing give replace replaced replacing swap swapped change changing switch add adding instead clothe use draw paint turn
    надень наденьте надеть одень оденьте одеть одев* надев* дай дайте добавь вместо нарисуй пусть замени заменить поменяй поменять смени переодень*
    переодеть обряди наряди будет сделай верни should let on
    наденет оденет наденут переоденет
    накинь накинуть закутай`,
  swap:
    `change changing replace swap switch turn convert convert замени заменить поменяй поменять смени сменить переодень recolor recolour`,
  and: `and or plus и или`,
  for: `for by на to with into`,
  mine:
    `my our your me us мой моей моего мою наш нашей нашего нашу твой твоей твоего твою у меня it its`,
  need: `делай делать делайте надо нужно want need anything ничего be make сделай
    показывай показывать show`,
  reveal:
    `reveal reveals revealing expose exposes exposing uncover unveil bare покажи показать открой покажет`,
  clear: `air nothing smoke water glass cellophane plastic cling стекла целлофана пленки воздуха`,
  bodies: `body bodies тело`,
  show: `show shows showing`,
  aux: `has have had been being go goes going come comes coming get gets getting got
    должно должен должна должны must
    does did`,
  fabric: `fabric textile cloth material layer layers piece ткань ткани слой слои`,
  covering: `covering covers cover hiding hides закрыва* прикрыва* скрыва* прикрыт*`,
  hides: `hide hides hiding hidden скрывает скрывают скрыто прячет прячется`,
  seen:
    `засвет* visible showing seen visibly видно видна видны виден peek peeking видневш* выглядыв*
    show shows`,
  zoom: `zoom focus close closeup center фокус приблизь крупн*`,
  removal: `removal removing удаление удалением снятие снятием убирание стирание`,
  undressVerb: `сними снимай снимет снимите снимают снять снимает`,
  her: `her womans girls ladys ее девушк* девушке ей`,
  chest: `chest`,
  accessory:
    `shoes heels boots socks hat glasses jewelry jewellery necklace stockings watch tie earrings туфель чулок сапог носков украшений очков обуви
    jewels bracelet bracelets gloves scarf crown tiara wings mask garter choker belt bag sunglasses headband ribbon cap sneakers sandals slippers trainers footwear hats pearls ring rings украшени* украшень* серьг* сереж* бусы бус бусах ожерель* браслет* туфл* каблук* сапог* сапож* босонож* кроссов* тапоч* тапк* носки носк* носоч* чулк* чулоч* перчат* шляп* шапк* шапоч* очки очках галстук* бабочк* ремень ремня ремне пояс поясе платок платк* шарф* корон* маску маске маска цепоч* часы часах кепк* сумк* сумоч*`,
  swapFor: `for`,
  inPlace: `instead вместо`,
  as: `for as like для как`,
  hosiery: `tights stockings pantyhose колготк* чулк* sleeves curtain`,
  isThere: `нет нету надет* был* буд* остал* останется wears
    носит носят`,
  sign: `
    word words text lettering sign signs logo logos poster posters ad ads advert advertisement billboard painting paintings drawing картин* label title slogan banner
    слово слова текст* надпис* вывеск* логотип* плакат* постер* реклам* этикетк* заголов* баннер* магазин*`,
  mend:
    `remove erase delete fix replace change correct cover blur убери сотри удали поправь исправь замени закрась размой поменяй hide`,
  scene: `smile smiles crowd fans улыбк* толп* зрител* публик*`,
  scantWear: `towel apron socks heels boots stockings полотенц* фартук* носк* туфл* чулк* сапог*`,
  away: `shreds bits pieces клочья куски`,
  topWord: `top топа верха
    tops топ топик`,
  let: `let make have пусть`,
  longWord: `long flowing длинное длинная`,
  be:
    `is are be was were should become becomes becoming will стала стало стал станет теперь now будет была было
    будут остались оставались осталась
    быть
    стали становятся становится`,
  none: `none нет отсутств* ничего nothing null nil zero 0 ноль нуль false выкл`,
  longer: `longer больше`,
  lessWord: `less менее`,
  becomes: `become becomes станет станут turns`,
  remover: `remover eraser removal removing убиратель удалитель`,
  furniture: `
    chair chairs bed couch sofa floor hanger hangers rack line rope clothesline table shelf closet wardrobe door
    стула стульев кресла кровати дивана пола вешалки веревки полки шкафа крючка спинки стол* двери
    radiator dryer washer floorboards fence railing banister tree branch lamp desk nail peg hooks shelves ground радиатор* сушилк* забор*
    перил* дерева ветки лампы гвоздя крючков тумбы парты скамейки лавки земли батареи
    seat seats сиденья`,
  sexualVerb: `sexualize* sexualise* сексуализ*`,
  with: `with с со`,
  /** What clothes are not to be in a picture. */
  flaw: `
    wrinkled creased torn ripped dirty stained blurry blurred bad ugly deformed distorted wet low poor messy mismatched wrong changed changing change
    different altered other weird strange floating duplicate duplicated damaged faded melted fused glitch glitchy merging extra quality poorly
    мят* грязн* рван* порван* размыт* плох* уродлив* лишн* мокр* искажен* друг* измен* смен* странн* чуж* расплыв* деформ*`,
  alter: `change alter modify touch меняй менять трогай трогать`,
  atAll: `at all whatsoever`,
  knees: `knee knees колен*`,
  another: `one ones`,
  shrink: `smaller tiny shrink mini micro tinier поменьше меньше уменьши уменьшить крошечн* мини
    smallest tiniest minuscule`,
  wornState: `надето надетое надетого надетую одетое`,
  /** To make of what is seen through what is not. */
  opaque: `
    opaque solid thicken thicker lining lined underlay denser hide fix correct cover
    плотн* поплотн* уплотн* непрозрачн* подклад* спрячь исправь поправь закрой`,
  hideOnly: `blur hide censor pixelate размой заблюрь спрячь`,
  ray: `ray rays`,
  revealWhole: `expose uncover`,
  vehicle:
    `car cars font fonts typeface label logo text шрифт* лого логотип* motorcycle bike yacht guitar машин* мотоцикл* тачк* автомобил* реклам* ad perfume`,
  smoothly: `naturally softly gracefully freely красиво мягко свободно`,
  single: `single`,
  /** As it is written alone: "xxxxxx" is a row of letters. */
  rating: `xxx
    ххх`,
  from: `from off с у со от of`,
  onRu: `на в во on`,
  owns: `has have had got shes hes`,
  getOut:
    `is are was be get gets getting got slip slips slipping help helps take takes step steps climb climbs wriggle comes coming come bring
    вытащи вынь вытяни достань`,
  fallen:
    `упад* упал* упаст* спада* спад* сваливаю* слета* слетит соскольз* скольз* падает падают исчез* исчезн*
    соскальз*`,
  more: `more больше побольше show`,
  onlyMuch: `only только`,
  texture:
    `texture textures tone tones pores detail details realism color colour smoothness текстур* пор поры деталей тон`,
  size: `size sizes размер*`,
  water: `
    beach beaches sea seaside pool pools poolside ocean yacht surf surfing surfboard surfer swim swims swimming swimmer swimmers lake river water waterpark
    waves wave sunbathing sunbathe island lifeguard diving dive snorkeling volleyball lagoon coast shore regatta podium competition
    пляж* мор* бассейн* океан* яхт* серф* плава* плыв* пловч* пловц* пловец озер* рек* реке вод* волн* загора* купа* остров* аквапарк* дайв* волейбол*
    побереж* берег* пьедестал* соревнован*`,
  athlete: `
    boxer boxers boxing wrestler wrestlers wrestling fighter fighters sumo mma ring swimmer swimmers bodybuilder bodybuilders surfer surfers lifeguard gladiator
    gladiators warrior warriors athlete athletes tarzan hercules climber diver sprinter viking spartan barbarian
    боксер* бокс ринг* борец борц* борьб* боец бойц* боя сумо* пловец пловц* атлет* культурист* бодибилдер* гладиатор* воин* качок качк* серфер* спасател* тарзан*
    геракл* викинг* спартан* кулачн* тяжелоатлет*
    blacksmith farmer lumberjack firefighter sailor fisherman worker кузнец* фермер* лесоруб* матрос* рыбак* рабочий`,
  torso: `torso chest shirtless barechested chested торс* торс`,
  modest: `modest closed full decent закрыт* скромн* слитн* приличн* onepiece sporty`,
  birdName: `tit tits booby boobies`,
  birdPlace:
    `bird birds birdhouse feeder nest beak branch winter seeds blue great titmouse perch chick chicks`,
  title: `title poster movie film book novel album comic cover fable tale song playbill
    афиш* обложк* названи* книг* сказк* комеди* фильм* роман* песн* альбом* басн*`,
  teeth:
    `fangs teeth tooth claws roots blade sword клык* зуб* десн* корн* когт* меч меча мечи клинок`,
  /** Say of what colour, stuff or size something is. */
  trait: `
    black white red blue green pink yellow purple grey gray brown gold golden silver beige nude high long short tiny little small big old new own wet silk
    satin lace lacy leather cotton denim woolen sexy cute pretty beautiful matching thin sheer
    черн* бел* красн* син* зелен* розов* желт* фиолетов* сер* коричнев* золот* серебр* бежев* высок* длинн* коротк* маленьк* больш* стар* нов* мокр*
    шелков* атласн* кружевн* кожан* хлопков* красив* тонк*
    прозрачн* узк* простой просто
    ковбойск* cowboy`,
  /** They are no clothes. */
  unreal: `
    
    sunlight moonlight sunshine shadow shadows smile skin tattoo tattoos perfume water foam bubbles soap suds flowers leaves petals seashells shells leaf fig stickers ribbon ribbons
    confidence air mud sand snow cream chocolate honey paint bodypaint string strings floss jewels diamonds pearls hair
    свет лучи луч тень тени тенью улыбк* духи духах татуировк* пен* вода воду воде рос* цветы цветами лепест* листь* лист листок листик листочек листочк* ракушк* наклейк* лент* нитк* ниточ*
    снег снегом грязь грязью крем кремом сливк* шоколад* мед медом краск* волосы волосами жемчуг* бриллиант*
    sauce film wrap whipped henna ink syrup rose roses розы роз соус пленк* хн* бодиарт*
    vapour vapor mist steam fog туман* дымк* паром пара`,
  /** Hides a bare body. */
  veil: `
    towel towels robe bathrobe sheet sheets blanket blankets duvet bubbles foam suds steam curtain
    полотенц* халат* простын* одеял* плед* пен* пузыр* пар пара шторк*`,
  /** What statues are made of, and where they stand. */
  stuff: `
    marble bronze stone plaster wooden ice clay wax porcelain granite terracotta painted louvre museum gallery
    мраморн* бронзов* каменн* гипсов* деревянн* ледян* глинян* восков* фарфоров* гранитн* лувр* музе* галере*
    schiele klimt modigliani botticelli ingres manet goya degas renoir picasso matisse rembrandt catalogue шиле климт* модильяни боттичелли мане гойи дега ренуар* пикассо каталог*
    rodin michelangelo titian rubens роден* микеланджело тициан* рубенс*`,
  visible: `
    see sees seen visible visibly shows show showing видно видна видны видеть видели увидеть видят показать посмотреть`,
  /** "под ним": what follows is under it. */
  underIt: `
    ним ней нею ними`,
  schooling: `education and statistics chart ed equality studies`,
  censorship: `censor* censorship цензур*`,
} as const;

/** Their names. */
export const contextClasses = Object.keys(contextLists) as (keyof typeof contextLists)[];
