/**
 * The nouns that the built-in policy is about: people, clothes, and what is neither. Data alone, as in word_lists.ts: normalised
 * words, Russian, English and Russian in Latin letters; `*` ends a stem.
 */

const englishClothes =
  `clothes clothing clothings cloths clothe garment garments dress dresses outfit outfits shirt shirts tshirt tshirts tee tees
    blouse blouses skirt skirts miniskirt pants trousers jeans shorts leggings tights stockings pantyhose underwear undergarment*
    underclothes underpants gstring gstrings undies panties panty knickers thong thongs briefs boxers bra bras brassiere bikini bikinis swimsuit
    swimsuits swimwear lingerie gown gowns nightgown* nightie pajamas pyjamas bathrobe robe corset bodysuit leotard sweater hoodie
    jumper apparel attire singlet garb raiment bralette bralettes babydoll minidress minidresses speedo speedos jockstrap catsuit jumpsuit
    romper onesie wardrobeless hotpants threads underskirt overskirt sundresses camisoles singlets tanktops pantsuit pantsuits uniforms drawers`;

/** Nouns by class. A word may be in several. */
export const nounLists = {
  /** Things that are bare, or words for a colour. */
  bareThing: `
    tights stockings pantyhose
    eye eyes tree trees branch branches trunk rock rocks stone stones cliff cliffs hill hills mountain mountains wall walls
    brick bricks bulb bulbs flame flames ground soil soils earth wire wires cable cables singularity rat rats pit pits well
    abyss ocean lake coffee brunch glass cup salad wood concrete lipstick lipsticks lip lips gloss makeup colour colours color
    colors colored coloured shade shades tone tones tint hue palette nail nails polish manicure eyeshadow heels pumps beige pink
    скал* дерев* ствол* ветк* ветв* ветви земл* стен* кирпич* бетон* провод* проводк* кабел* лампочк* склон* холм* гор гора горы
    горах горами камн* камен* куст* пустын* лес леса лесу поле поля полях пол полу потолок берег* остров* утес* берез* крон*
    почв* корн* корен* меч мечом мечи клинок клинк* йорк* энтузиазм* факт* правд* руками помад* макияж* маникюр* лак лака лаком
    цвет* оттен* тон тона тонах тоне тени палитр* губы губ бежев* беж`,
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
    celebrity female females male males bodies body herself himself shes hes theyre theyve whos
    teacher teachers boss neighbor neighbour neighbors colleague colleagues dude dudes chick babe singer nurse groom soldier ex crush couple
    dancer swimmer athlete student students secretary grandma grandmother aunt blonde brunette stranger customer cop waitress maid devushk* ney nee nei zhenshin* zhenshchin*
    ее его него нее ней нем нему них их им ими она он они ей ему мне меня нас вас тебя себя девушк* девочк* девчон* девк* девиц*
    женщин* женск* мужск* парень парня парни парней парню парнем мальчик* мужчин* мужик* человек* люди людей людям ребенок
    ребенк* дети детей детям тетк* дама даму дамы даме жена жену жены жене муж мужа мужу сестр* мам мама маму мамы мамин*
    подруг* друг друга подружк* модел* актрис* актер* бывш* невест* баба бабу бабы тян тянк* коллег* учительниц* школьниц*
    студентк* соседк* сосед соседа знаком* начальни* учительн* учител* певиц* певца медсестр* солдат* пациент* бабушк* тещ* блондинк*
    брюнетк* красотк* красавиц* незнаком* клиент* секретарш* официантк* танцовщиц* парочк* дяд* теле тело тела телу телом
    gal gals lass lasses missus maiden maidens hottie hotties gf bf bro mate granny gran auntie cousin coworker roommate influencer
    streamer cosplayer princess queen witch heroine protagonist elf fairy warrior goddess bridesmaid bridesmaids ballerina gymnast boxer
    wrestler schoolgirl cheerleader waiter policewoman stewardess librarian businesswoman redhead figure individual individuals folks ppl
    gurl gurls gril grl womman wmn whoever dancers wives nun nuns doctor patient tourist employee parent parents fiancee fiance mum mums
    granddaughter niece деваха девахи деваху девчуль* дева деву девы барышн* сударын* красотул* однокласс* однокурсни* сокурсн* блогерш*
    стримерш* балерин* танцор* гимнаст* спортсмен* героин* персонаж* эльфийк* ведьм* принцесс* королев* стюардесс* продавщиц* снохa сноху
    невестк* племянниц* внучк* кузин* бармен* рыжую рыжая блондинка старушк* мадам мисс девки деваня девах* вожат* туристк* кассирш*
    тренерш* балерун* чувих* чувак* чел челик* тип типа devushka devushki zhena zhenu devochk* tetk* baba babu ey emu neyo neye nego
    schoolgirls ученик* учениц* pupil тётя тёти
    ним ними нею девушек девочек девиц девок дам женщина женщину подружек моделей баб тёток тетушк*`,
  photo: `
    photo photos photograph picture pictures pic pics image images portrait shot selfie
    фото фотк* фотограф* картинк* снимк* портрет* изображен* селфи`,
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
    цветы
    sequins sequin`,
  /** Clothes that may be taken off in an everyday edit, or are not worn. */
  outer: `outer outdoor winter bed верхн* зимн* постельн* рабоч* спортивную`,
  place: `
    hanger hangers mannequin mannequins rack chair chairs bed beds floor ground wall background backdrop line clothesline rope
    table shelf shelves sofa couch closet balcony room window doll dolls dummy door hook
    вешалк* манекен* стул* кресл* кровать кровати пол пола полу стен* фон фона фоне план* веревк* стол* полк* диван* шкаф*
    балкон* комнат* окна окно кукл* двер* крюч* сушилк* земл*`,

  /** Clothes in any case. */
  garment: `
    ${englishClothes} odezhd* odejd* platie platye trusy trusiki lifchik bele belye
    одежд* одежк* шмотк* лиф лифа лифы платье платья платью платьем платьев платьях платьям платьиц* белье белья бельем белью
    бельишк* лифчик* бюстгальтер* трусы трусов трусах трусам трусами трусик* трусиш* стринг* плавк* шорты шорт шортах шортами
    юбк* юбочк* рубаш* рубах* майка майки майке майку майкой майках майками маечк* маек футболк* футболок блуз* кофт* кофточк*
    свитер* худи водолазк* джемпер* штаны штанов штанах штанами штанишк* брюк* джинс* леггинс* лосины лосин лосинах колготк*
    колготок чулк* чулок купальник* бикини халат* пижам* сорочк* ночнушк* сарафан* комбинезон* корсет* панталон*
    tanktop camisole sundress dungarees overalls tracksuit trunks chemise negligee slip sarong frock bustier petticoat knitwear turtleneck
    cardigan pullover polo nighty nightie pyjama pajama pantie loincloth undershirt vests jean jeggings
    odezhda lifchika trusov yubku yubka rubashku futbolku shtany odezhdi odezhde odejdi
    трикотаж* наряд* туник* трусишк* шорт* топик* рубашечк* джинсик* кофтёнк* платьишк* пеньюар* бюстье боди свитшот* толстовк* лонгслив*
    водолазк* шмотье шмоток тряпк* тряпье штанин* бриджи капри халатик* бикини купальн* кимоно
    тряпок textile textiles
    плавок маек кофт рубашек
    боксеры боксерах кальсоны
    парео
    sweatshirt sweatshirts diaper diapers подгузник*
    текстил* шмот шмота шмоту
    bodice bodices корсаж*
    прикид* одеян* облачен* лохмот* труселя труселей семейник* подштанник* трико лифон* бюстик* юбчон* пижамк* свитерк* футболочк*
    платьюшк* трусишеч* одежонк* одёжк* маечка халатом халатов топы топики купальничк* панталончик* шортик* топика trusikov odezhdoy
    odejdoy plat'ya platya yubki bryuki dzhinsy kupalnik kupalnika bikini maiku mayku kofta koftu bluzku beliya belya
    лифчег*
    юбок блузок кофточек сорочек
    sari sarees saree tunic tunics toga kimono kimonos cheongsam hanbok halter
    сари
    kilt kilts килт килта килтом loincloths
    bottoms`,
  /** Clothes as the object of a verb, not "the folds of the dress". */
  taken: `
    ${englishClothes} odezhdu odejdu odezdu platie platye trusy trusiki lifchik bele belye
    одежду одежки одежку шмотки шмотье платье платья платьице белье бельишко лиф лифчик лифчики бюстгальтер бюстгальтеры бюстик
    трусы трусики трусишки стринги плавки шорты юбку юбки юбочку рубашку рубашки рубаху майку майки маечку футболку футболки
    блузку блузки блузу кофту кофты кофточку свитер худи водолазку джемпер штаны штанишки брюки джинсы леггинсы лосины колготки
    чулки купальник купальники бикини халат халаты пижаму сорочку ночнушку сарафан комбинезон корсет панталоны
    tanktop camisole sundress dungarees overalls tracksuit trunks chemise negligee sarong frock bustier petticoat turtleneck pullover
    polo nighty nightie pyjama pajama pantie loincloth undershirt jean
    odezhdi yubku rubashku futbolku shtany
    наряд тунику топик рубашечку шмотки тряпки тряпье бюстье боди свитшот толстовку лонгслив блузочку блузка кофта юбка рубашка футболка
    майка водолазка штанишки халатик одежда платьишко комбез
    textile textiles
    тряпку
    боксеры кальсоны
    sweatshirt sweatshirts diaper diapers подгузник подгузники
    bodice корсаж
    прикид одеяние облачение лохмотья труселя подштанники лифон футболочку пижамку свитерок одежонку юбчонку купальничек шортики
    трусишечки bryuki dzhinsy kupalnik mayku maiku koftu bluzku odezhda
    лифчег
    sari sarees saree tunic tunics toga kimono cheongsam hanbok сари
    пеньюар
    kilt килт`,
  /** Covers that may be many other things where no person is named. */
  worn: `
    top tops towel towels suit costume uniform sheet blanket cloth coverup wrap
    верх низ топ топик полотенце костюм форму форма простыню накидку одеяло
    tank bathrobe kimono halter tube
    топа топы кимоно халатик*`,
  /** Worn next to the skin: a person is not to be shown in them alone. */
  under: `
    трусы трусики трусишки лифчик стринги бюстгальтер трусами стрингами бельишке underpant
    underwear undies panties knickers thong bra lingerie boxers briefs underpants gstring
    трусах трусиках белье лифчике бюстгальтере стрингах чулках неглиже
    jockstrap bralette undergarments нижнем трусишках лифчиках труселях panty
    трусик* лифчик* бюстгальтер* трусов стринг* белья бельем труселя нижнее
    negligee negligees babydoll nightie
    пеньюар пеньюаре
    боксеры боксерах шортиках`,
  swim: `
    bikini bikinis swimsuit swimsuits microbikini swimwear gstring gstrings
    бикини купальник купальнике купальники купальниках стринги чулки лифчик белье
    negligee babydoll
    пеньюар`,
} as const;
