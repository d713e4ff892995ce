"""Everyday English words that are real although no page has them: they are never taken for a slip of another word. Pure.

`fryer` is not a slip of `dryer`, `pool` not of `cool`. Short words above all: long ones are seldom one slip from each other.
"""

from __future__ import annotations

from functools import lru_cache

from search import things

_WORDS = """
able above abuse account acid across act actor adapt add adopt adult advice advise affect age ago agree ahead aid aim air alarm
album alert alike alive allow alone along alter amber angel anger angle angry animal ankle annual answer apart appeal appear apple
apply arch area argue arm army arrow art artist ash aside ask asleep atlas attach attack aunt avoid awake award aware away baby
back bad badge bag bake baker baking ball ban banana band bank bar bare bark barn base basic basin basket bat batch bath batter
battle bay beach bead beam bean bear beard beat beauty bed bee beef beer beg begin behind being bell belly belong below bench
bend benefit berry beside best bet better big bill billing bin bind bird birth biscuit bit bite bitter black blade blame bland
blank blast bleach bleed blend bless blew blind block blond blood bloom blow blown blue blush board boat body boil bold bolt bomb
bond bone bonus book boost boot boots booth border bore born borrow boss both bottle bottom bought bounce bound bow bowl box boy
brain brake branch brand brass brave bread break breath breed brick bride bridge brief bright bring broad broke brook broom brown
brush bubble bucket budget buffet bug build bulb bulk bull bump bunch burn burnt burst bus bush busy butter button buy buyer buzz
cab cabin cabinet cable cafe cage cake call calm came camp can canal cancel cancer candle candy cane cap cape car carbon card care
career cargo carpet carrot carry cart case cash cast castle cat catch cater cattle cause cave cease cell cent chain chair chalk
chance change channel chaos charge charm chart chase chat cheap cheat check cheek cheese chef chest chew chicken chief child chill
chin china chip choice choose chop chord church circle city civil claim class clay clean clear clerk clever click cliff climb clip
clock clone close closet cloth cloud club clue clutch coach coal coast coat code coffee coil coin cold collar colour color comb come
comic cook cookie cool coop cope copper copy cord core cork corn corner cost cottage cotton couch cough could count county couple
courage course court cousin cover cow crab crack craft crane crash crate crawl crazy cream credit creek crew crime crisp crop cross
crowd crown crude cruel crumb crush crust cry cube cup curb cure curl curry curse curve custom cut cute cycle dad daily dairy dam
damage damp dance danger dare dark dash data date dawn day dead deal dealer dear death debit debt decay deck deep deer delay demand
dense dental deny depth desert design desk detail device devil diary dice diet dig digit dim diner dinner dip dirt dirty disc dish
disk dive dock doctor dog doll dollar dome door dose dot double doubt dough dove down dozen draft drag drain drama draw drawer dream
dress drift drill drink drive driver drop drove drum drunk dry duck due dull dump dust duty eager ear early earn earth ease east
easy eat edge edit effect egg eight elbow empty end enemy engine enjoy enter entry equal error escape estate even event ever every
evil exact exam exit expert extra eye face fact factor fade fail faint fair fairy faith fake fall false fame family fan fancy far
fare farm fast fat fate father fault favour fear feast feather fee feed feel feet fell felt fence fever few fiber field fight figure
file fill film filter final find fine finger finish fire firm first fish fist fit five fix flag flame flash flat flavour flaw flea
fleet flesh flight float flood floor flour flow flower flu fluid flush fly foam focus fog foil fold folk follow food fool foot force
forest forget fork form formal format fort forth forum forward found four fox frame fraud free freeze freezer fresh friend frog
front frost fruit fry fryer fuel full fun fund funny fur fuse future gain game gang gap garage garden garlic gas gate gather gauge
gave gear gender gentle ghost giant gift ginger girl give glad glass globe glove glow glue goal goat god gold golf good goose gown
grab grade grain grand grant grape graph grass grave gravy gray grease great green greet grey grid grill grin grind grip gross
ground group grow guard guess guest guide guilt guitar gulf gum gun gut guy gym habit hair half hall ham hammer hand handle hang
happen happy harbour hard harm harsh hat hate have hay head heal health heap hear heart heat heater heavy hedge heel height held hell
hello help herb here hero hide high hike hill hint hip hire hit hobby hold holder hole holiday holy home honey hood hook hop hope horn
horse hose host hot hotel hour house human humid humor hunt hurry hurt hut ice idea ideal idle ill image inch index injury ink inner
input insect inside insist invest invite iron island issue item jacket jail jam jar jaw jazz jeans jelly jet jewel job join joint
joke joy judge juice jump junior junk jury just keen keep kept kettle key kick kid kidney kill kind king kiss kit kitchen kite knee
knife knit knob knock knot know label labour lace lack ladder lady lake lamb lamp land lane lap large laser last late later laugh
launch laundry lawn lawyer lay layer lazy lead leader leaf leak lean leap learn lease leash least leather leave left leg lemon lend
length lens lesson letter level lever liar library lick lid lie life lift light like limb lime limit line linen link lint lion lip
liquid list litter little live liver load loan lobby local lock locker log logic lone long look loop loose lose loss lost lot loud
lounge love low lower luck lucky luggage lump lunch lung luxury mad magic mail main major maker mall manage manner manual maple
marble march margin marine mark market marry mask mass master mat match mate math matter may maybe mayor meal mean meat medal media
melt member memory mend menu mercy mess metal meter method mice middle might mild mile milk mill mind mine minor mint minus minute
mirror miss mist mistake mix mixer mixture mobile mode model modern modest mold mould moment money monkey month mood moon moral more
morning mosque moth mother motion motor mount mouse mouth move movie mow mower mud mug murder muscle museum music must mutual nail
name nap narrow nasty native nature near neat neck need needle nerve nest net network never new news next nice night nine noble noise
none noon nor normal north nose note notice novel nurse nut oak oat object ocean odd offer office often oil old olive once onion
online open opera oral orange orbit order organ origin outfit outlet outside oven over owe own owner pace pack packet pad page paid
pail pain paint pair palace pale palm pan panel panic pant pants paper parcel parent park parking part party pass past pasta paste
pastry patch path patient patrol pause pay peace peach peak pearl peel peer pen pencil penny people pepper perfect period permit
person pest pet petrol phase phone photo phrase piano pick picnic picture pie piece pig pile pill pillow pilot pin pinch pine pink
pint pipe pit pitch pizza place plain plan plane planet plant plastic plate play player plea please plot plug plum plus pocket poem
poet point poison pole police policy polish polite poll pond pony pool poor pop porch pork port pose post poster pot potato pouch
pound pour powder power praise pray press pretty price pride priest prime print prison prize probe profit proof proper proud prove
pull pulse pump punch pupil puppy pure purple purse push put puzzle quarter queen quick quiet quilt quit quite quiz quote rabbit race
rack radar radio rag rail rain raise rally ramp ranch random range rank rapid rare rash rat rate ratio raw ray razor reach read ready
real rear recall receipt recent recipe record red refund relax relay rely remain remedy remind remote rent repair repeat reply
report rescue rest result retail retain retire return review reward rhythm rib rice rich ride rifle right ring rinse ripe rise risk
rival river road roast robot rock rocket rod role roll roller roof room root rope rose rotor rough round route row royal rub rubber
rude rug ruin rule ruler run rural rush rust sack sacred sad saddle safe safety sail salad salary sale salmon salon salt same sample
sand sauce save saw say scale scan scar scarf scene scent school science scoop score scout scrap scratch scream screen screw script
sea seal search season seat second secret sector see seed seek seem sell seller send senior sense series serve set seven sew shade
shadow shaft shake shall shame shape share shark sharp shave shed sheep sheet shelf shell shield shift shine ship shirt shock shoe
shoes shoot shop shore short shot shout shovel show shower shrink shut shy sick side siege sight sign signal silence silk silver
simple sin sing singer single sink sir sister sit site six size skate sketch ski skill skin skip skirt skull sky slab slam slave
sleep sleeve slice slide slim slip slope slot slow small smart smash smell smile smoke smooth snack snake snap snow soap soccer
social sock socket soda sofa soft soil solar sold solid solo solve son song soon sore sort soul sound soup sour source south space
spade spare spark speak spear speech speed spell spend spice spicy spider spill spin spine spirit spit split spoil spoken spoon
sport spot spouse spray spread spring spy squad square stable stack staff stage stain stair stake stale stall stamp stand star stare
start state static station stay steak steal steam steel steep steer stem step stereo stick sticky stiff still sting stir stock
stomach stone stool stop store storm story stove strain strange strap straw stream street stress stretch string strip stripe stroke
strong stuck student study stuff stupid style subject sudden suffer sugar suit suite sum summer sun supper supply sure surf surface
surge swallow swamp swan swap swear sweat sweep sweet swell swim swing switch sword system table tablet tackle tail take tale talk
tall tank tap tape target task taste tax taxi tea teach team tear tease teeth tell temper temple ten tenant tend tennis tent term
test text thank theft theme then theory thick thief thigh thin thing think third thirst thread threat three throat throne throw
thumb thus ticket tide tidy tie tiger tight tile till timber time timer tin tiny tip tire tired tissue title toast toaster today toe
toilet tomato tone tongue tonight tool tooth top torch toss total touch tough tour towel tower town toy trace track trade trail train
trap trash travel tray treat tree trend trial tribe trick trim trip troop trouble truck true trunk trust truth try tub tube tune
tunnel turkey turn twelve twice twin twist two type tyre ugly uncle under union unique unit until upper upset urban urge urgent use
used useful user usual vacant vacuum vague valid valley value valve van vase vast vault veil vein velvet vendor verb verse very vest
veto video view villa village vine vinegar virus visa visit vital vocal voice void volt volume vote voyage wage wagon waist wait
waiter wake walk wall wallet want war warm warn wash washer waste watch water wave wax way weak wealth weapon wear weather web wedding
weed week weigh weight weird well west wet whale wheat wheel whip whisper white whole wide width wife wild will win wind window wine
wing winner winter wipe wire wise wish witch wolf woman wonder wood wool word work worker world worm worry worse worst worth wound
wrap wreck wrist write writer wrong yard yarn year yeast yell yellow yes yet yield yoga yogurt young youth zero zinc zip zone zoo
"""


@lru_cache(maxsize=1)
def _real() -> frozenset[str]:
    named = (word for line in things.KINDS.splitlines() for word in line.replace(",", " ").split() if word.isascii())
    return frozenset((*_WORDS.split(), *named))


def is_real(word: str) -> bool:
    """Whether a folded word is an everyday English word, in the singular or with an `s`."""
    return word in _real() or (word.endswith("s") and word[:-1] in _real())
