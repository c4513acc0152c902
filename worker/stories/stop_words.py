"""Words that say nothing of what a text is about, by language, folded as tokens are.

From spaCy's lists (MIT), without spaCy: the processes that group stories load no language model. A word of one language
is not a stop word of another: German "war" is English war.
"""

_LISTS = {
    "en": """
        about above across after afterwards again against all almost alone along already also although always am among
        amongst amount an and another any anyhow anyone anything anyway anywhere are around as at back be became
        because become becomes becoming been before beforehand behind being below beside besides between beyond both
        bottom but by ca call can cannot could did do does doing done down due during each eight either eleven else
        elsewhere empty enough even ever every everyone everything everywhere except few fifteen fifty first five for
        former formerly forty four from front full further get give go had has have he hence her here hereafter hereby
        herein hereupon hers herself him himself his how however hundred if in indeed into is it its itself just keep
        last latter latterly least less ll made make many may me meanwhile might mine more moreover most mostly move
        much must my myself name namely neither never nevertheless next nine no nobody none noone nor not nothing now
        nowhere of off often on once one only onto or other others otherwise our ours ourselves out over own part per
        perhaps please put quite rather re really regarding same say see seem seemed seeming seems serious several she
        should show side since six sixty so some somehow someone something sometime sometimes somewhere still such
        take ten than that the their them themselves then thence there thereafter thereby therefore therein thereupon
        these they third this those though three through throughout thru thus to together too top toward towards
        twelve twenty two under unless until up upon us used using various ve very via was we well were what whatever
        when whence whenever where whereafter whereas whereby wherein whereupon wherever whether which while whither
        who whoever whole whom whose why will with within without would yet you your yours yourself yourselves
    """,
    "fr": """
        abord afin ah ai aie ainsi ait allaient allons alors anterieur anterieure anterieures apres as assez attendu
        au aupres auquel aura auraient aurait auront aussi autre autrement autres autrui aux auxquelles auxquels
        avaient avais avait avant avec avoir avons ayant bas basee bat ca car ce ceci cela celle celles celui cent
        cependant certain certaine certaines certains certes ces cet cette ceux chacun chacune chaque chez ci cinq
        cinquantaine cinquante cinquantieme cinquieme combien comme comment compris concernant da dans de debout
        dedans dehors deja dela depuis derriere des desormais desquelles desquels dessous dessus deux deuxieme
        deuxiemement devant devers devra different differente differentes differents dire directe directement dit dite
        dits divers diverse diverses dix dixieme doit doivent donc dont douze douzieme du duquel durant effet
        egalement eh elle elles en encore enfin entre envers environ es est et etaient etais etait etant etc etre eu
        eux exactement excepte facon fais faisaient faisant fait feront font gens ha he hem hep hi ho hormis hors hou
        houp hue hui huit huitieme il ils importe je jusqu jusque juste la laisser laquelle le lequel les lesquelles
        lesquels leur leurs longtemps lors lorsque lui ma maint maintenant mais malgre me meme memes merci mes mien
        mienne miennes miens mille moi moindres moins mon na ne neanmoins neuf neuvieme ni nombreuses nombreux nos
        notamment notre notres nous nouveau nul on ont onze onzieme or ou ouias ouste outre ouvert ouverte ouverts par
        parce parfois parle parlent parler parmi partant pas pendant pense permet personne peu peut peuvent peux plus
        plusieurs plutot possible possibles pour pourquoi pourrais pourrait pouvait prealable precisement premier
        premiere premierement pres procedant proche pu puis puisque qu quand quant quarante quatorze quatre quatrieme
        quatriemement que quel quelconque quelle quelles quelque quelques quelquun quels qui quiconque quinze quoi
        quoique relative relativement rend rendre restant reste restent retour revoici revoila sa sait sans sauf se
        seize selon semblable semblaient semble semblent sent sept septieme sera seraient serait seront ses seul seule
        seulement seules seuls si sien sienne siennes siens sinon six sixieme soi soit soixante son sont sous souvent
        specifique specifiques stop suffisant suffisante suffit suis suit suivant suivante suivantes suivants suivre
        sur surtout ta tant te tel telle tellement telles tels tenant tend tenir tente tes tien tienne tiennes tiens
        toi ton touchant toujours tous tout toute toutes treize trente tres trois troisieme troisiemement tu un une
        unes uns va vais vas ve vers via vingt voici voila vont vos votre votres vous vu
    """,
    "de": """
        ab aber ach acht achte achten achter achtes ag alle allein allem allen aller allerdings alles allgemeinen als
        also am an andere anderem anderen andern anders auch auf aus ausser ausserdem bald bei beide beiden beim
        beispiel bekannt bereits besonders besser besten bin bis bisher bist da dabei dadurch dafur dagegen daher
        dahin dahinter damals damit danach daneben dank dann daran darauf daraus darf darfst darin daruber darum
        darunter das dasein daselbst dass dasselbe davon davor dazu dazwischen dein deine deinem deiner dem
        dementsprechend demgegenuber demgemass demselben demzufolge den denen denn denselben der deren derjenige
        derjenigen dermassen derselbe derselben des deshalb desselben dessen deswegen dich die diejenige diejenigen
        dies diese dieselbe dieselben diesem diesen dieser dieses dir doch dort drei drin dritte dritten dritter
        drittes du durch durchaus durfen durft durfte durften eben ebenso ehrlich eigen eigene eigenen eigener eigenes
        ein einander eine einem einen einer eines einige einigen einiger einiges einmal einmaleins elf en ende endlich
        entweder er erst erste ersten erster erstes es etwa etwas euch fruher funf funfte funften funfter funftes fur
        gab ganz ganze ganzen ganzer ganzes gar gedurft gegen gegenuber gehabt gehen geht gekannt gekonnt gemacht
        gemocht gemusst genug gerade gern gesagt geschweige gewesen gewollt geworden gibt ging gleich gross grosse
        grossen grosser grosses gut gute guter gutes habe haben habt hast hat hatte hatten heisst her heute hier hin
        hinter hoch ich ihm ihn ihnen ihr ihre ihrem ihren ihrer ihres im immer in indem infolgedessen ins irgend ist
        ja jahr jahre jahren je jede jedem jeden jeder jedermann jedermanns jedoch jemand jemandem jemanden jene jenem
        jenen jener jenes jetzt kam kann kannst kaum kein keine keinem keinen keiner kleine kleinen kleiner kleines
        kommen kommt konnen konnt konnte konnten kurz lang lange leicht leider lieber los machen macht machte mag
        magst man manche manchem manchen mancher manches mehr mein meine meinem meinen meiner meines mich mir mit
        mittel mochte mochten mogen moglich mogt morgen muss mussen musst musste mussten na nach nachdem nahm
        naturlich neben nein neue neuen neun neunte neunten neunter neuntes nicht nichts nie niemand niemandem
        niemanden noch nun nur ob oben oder offen oft ohne recht rechte rechten rechter rechtes richtig rund sagt
        sagte sah satt schlecht schon sechs sechste sechsten sechster sechstes sehr sei seid seien sein seine seinem
        seinen seiner seines seit seitdem selbst sich sie sieben siebente siebenten siebenter siebentes siebte siebten
        siebter siebtes sind so solang solche solchem solchen solcher solches soll sollen sollte sollten sondern sonst
        sowie spater statt tag tage tagen tat teil tel trotzdem tun uber uberhaupt ubrigens uhr um und uns unser
        unsere unserer unter vergangene vergangenen viel viele vielem vielen vielleicht vier vierte vierten vierter
        viertes vom von vor wahr wahrend wahrenddem wahrenddessen wann war ware waren wart warum was wegen weil weit
        weiter weitere weiteren weiteres welche welchem welchen welcher welches wem wen wenig wenige weniger weniges
        wenigstens wenn wer werde werden werdet wessen wie wieder will willst wir wird wirklich wirst wo wohl wollen
        wollt wollte wollten worden wurde wurden zehn zehnte zehnten zehnter zehntes zeit zu zuerst zugleich zum
        zunachst zur zuruck zusammen zwanzig zwar zwei zweite zweiten zweiter zweites zwischen
    """,
    "es": """
        acuerdo adelante ademas afirmo agrego ahi ahora al algo algun alguna algunas alguno algunos alli alrededor
        ambos anadio ante anterior antes apenas aproximadamente aquel aquella aquellas aquello aquellos aqui arriba
        aseguro asi atras aun aunque bajo bastante bien breve buen buena buenas bueno buenos cada casi cierta ciertas
        cierto ciertos cinco claro comento como con conmigo conocer conseguimos conseguir considera considero consigo
        consigue consiguen consigues contigo contra creo cual cuales cualquier cuando cuanta cuantas cuanto cuantos
        cuatro cuenta da dado dan dar de debajo debe deben debido decir dejo del delante demas demasiado dentro
        deprisa desde despacio despues detras dia dias dice dicen dicho dieron diez diferente diferentes dijeron dijo
        dio doce donde dos durante el ella ellas ello ellos embargo en encima encuentra enfrente enseguida entonces
        entre era eramos eran eras eres es esa esas ese eso esos esta estaba estaban estado estados estais estamos
        estan estar estara estas este esto estos estoy estuvo excepto existe existen explico expreso fin final fue
        fuera fueron fui fuimos gran grande grandes ha haber habia habian habla hablan habra hace haceis hacemos hacen
        hacer hacerlo haces hacia haciendo hago han hasta hay haya he hecho hemos hicieron hizo hoy hubo igual incluso
        indico informo ir junto la lado largo las le les llego lleva llevar lo los luego mal manera manifesto mas
        mayor me mediante medio mejor menciono menos menudo mi mia mias mientras mio mios mis misma mismas mismo
        mismos modo mucha muchas mucho muchos muy nada nadie ni ningun ninguna ningunas ninguno ningunos no nos
        nosotras nosotros nuestra nuestras nuestro nuestros nueva nuevas nueve nuevo nuevos nunca ocho once os otra
        otras otro otros pais para parece parte partir pasada pasado peor pero pesar poca pocas poco pocos podeis
        podemos poder podra podran podria podriais podriamos podrian podrias poner por porque posible primer primera
        primero primeros pronto propia propias propio propios proximo proximos pudo pueda puede pueden puedo pues qeu
        que quedo queremos quien quienes quiere quiza quizas realizado realizar realizo repente respecto sabe sabeis
        sabemos saben saber sabes salvo se sea sean segun segunda segundo seis senalo ser sera seran seria si sido
        siempre siendo siete sigue siguiente sin sino sobre sois sola solamente solas solo solos somos son soy su
        supuesto sus suya suyas suyo suyos tal tambien tampoco tan tanto tarde te temprano tendra tendran teneis
        tenemos tener tenga tengo tenia tenido tercera tercero ti tiene tienen toda todas todavia todo todos total
        tras trata traves tres tu tus tuvo tuya tuyas tuyo tuyos ultima ultimas ultimo ultimos un una unas uno unos
        usa usais usamos usan usar usas uso usted ustedes va vais vamos van varias varios vaya veces ver verdad
        verdadera verdadero vez vosotras vosotros voy vuestra vuestras vuestro vuestros ya yo
    """,
    "it": """
        abbastanza abbia abbiamo abbiano abbiate accidenti ad adesso affinche agl agli ahime ai al alcuna alcuni
        alcuno all alla alle allo allora altri altrimenti altro altrove altrui anche ancora anni anno ansa anticipo
        assai attesa attraverso avanti avemmo avendo avente aver avere averlo avesse avessero avessi avessimo aveste
        avesti avete aveva avevamo avevano avevate avevi avevo avra avrai avranno avrebbe avrebbero avrei avremmo
        avremo avreste avresti avrete avro avuta avute avuti avuto basta bene benissimo brava bravo casa caso cento
        certa certe certi certo che chi chicchessia chiunque ci ciascuna ciascuno cima cio cioe circa citta co codesta
        codesti codesto cogli coi col colei coll coloro colui come cominci comunque con concernente conciliarsi
        conclusione consiglio contro cortesia cos cosa cosi cui da dagl dagli dai dal dall dalla dalle dallo
        dappertutto davanti degl degli dei del dell della delle dello dentro detto deve di dice dietro dire dirimpetto
        diventa diventare diventato dopo dov dove dovra dovunque due dunque durante ebbe ebbero ebbi ecc ecco ed
        effettivamente egli ella entrambi eppure era erano eravamo eravate eri ero esempio esse essendo esser essere
        essi ex fa faccia facciamo facciano facciate faccio facemmo facendo facesse facessero facessi facessimo
        faceste facesti faceva facevamo facevano facevate facevi facevo fai fanno fara farai faranno fare farebbe
        farebbero farei faremmo faremo fareste faresti farete faro fatto favore fece fecero feci fin finalmente finche
        fine fino forse forza fosse fossero fossi fossimo foste fosti fra frattempo fu fui fummo fuori furono futuro
        generale gia giacche giorni giorno gl gli gliela gliele glieli glielo gliene governo grande grazie gruppo ha
        haha hai hanno ho ieri il improvviso in inc infatti inoltre insieme intanto intorno invece io la lasciato lato
        lavoro le lei li lo lontano loro lui lungo luogo ma macche magari maggior mai male malgrado malissimo mancanza
        marche me medesimo mediante meglio meno mentre mesi mezzo mi mia mie miei mila miliardi milioni minimi
        ministro mio modo molti moltissimo molto momento mondo mosto nazionale ne negl negli nei nel nell nella nelle
        nello nemmeno neppure nessun nessuna nessuno nient niente no noi non nondimeno nonostante nonsia nostra nostre
        nostri nostro novanta nove nulla nuovo od oggi ogni ognuna ognuno oltre oppure ora ore osi ossia ottanta otto
        paese parecchi parecchie parecchio parte partendo peccato peggio per perche percio perfino pero persino
        persone piedi pieno piglia piu piuttosto po pochissimo poco poi poiche possa possedere posteriore posto
        potrebbe preferibilmente presa press prima primo principalmente probabilmente proprio puo pure purtroppo
        qualche qualcosa qualcuna qualcuno quale quali qualunque quando quanta quante quanti quanto quantunque quasi
        quattro quel quella quelle quelli quello quest questa queste questi questo qui quindi realmente recente
        recentemente registrazione relativo riecco salvo sara sarai saranno sarebbe sarebbero sarei saremmo saremo
        sareste saresti sarete saro scola scopo scorso se secondo seguente seguito sei sembra sembrare sembrato sembri
        sempre senza sette si sia siamo siano siate siete sig solito solo soltanto sono sopra sotto spesso srl sta
        stai stando stanno stara starai staranno starebbe starebbero starei staremmo staremo stareste staresti starete
        staro stata state stati stato stava stavamo stavano stavate stavi stavo stemmo stessa stesse stessero stessi
        stessimo stesso steste stesti stette stettero stetti stia stiamo stiano stiate sto su sua subito
        successivamente successivo sue sugl sugli sui sul sull sulla sulle sullo suo suoi tale tali talvolta tanto te
        tempo ti titolo tra tranne tre trenta troppo trovato tu tua tue tuo tuoi tutta tuttavia tutte tutti tutto
        uguali ulteriore ultimo un una uno uomo va vale vari varia varie vario verso vi via vicino visto vita voi
        volta volte vostra vostre vostri vostro
    """,
    "pt": """
        acerca ademais adeus agora ai ainda alem algo algumas alguns ali ambas ambos antes ao aos apenas apoia apoio
        apontar apos aquela aquelas aquele aqueles aqui aquilo area as assim ate atras atraves baixo bastante bem boa
        bom breve ca cada caminho catorze cedo cento certamente certeza cima cinco coisa com como comprida comprido
        conhecida conhecido conselho contra contudo corrente cuja cujo custa da dao daquela daquele dar das de debaixo
        demais dentro depois des desde dessa desse desta deste deve devem devera dez dezanove dezasseis dezassete
        dezoito diante direita disso diz dizem dizer do dois dos doze duas ela elas ele eles em embora enquanto entao
        entre era es essa essas esse esses esta estado estao estar estara estas estava este estes esteve estive
        estivemos estiveram estiveste estivestes estou eu eventual exemplo faco falta fara favor faz fazeis fazem
        fazemos fazer fazes fazia fez fim final foi fomos for fora foram forma foste fostes fui geral grande grandes
        grupo inclusive iniciar inicio ir ira isso isto ja la lado lhe ligado local logo longe lugar maior maioria
        maiorias mais mal mas maximo me meio menor menos mes meses mesmo meu meus mil minha minhas momento muito
        muitos na nada nao naquela naquele nas nem nenhuma nessa nesse nesta neste nivel no nos nossa nossas nosso
        nossos nova novas nove novo novos num numa numero numeros nunca nuns obrigada obrigado oitava oitavo oito onde
        ontem onze ora os ou outra outras outros para parece parte partir pegar pela pelas pelo pelos perto pode podem
        poder podera podia poe poem pois ponto pontos por porem porquanto porque portanto posicao possivel
        possivelmente posso pouca pouco povo primeira primeiro proprio proxima proximo puderam quais qual qualquer
        quando quanto quarta quarto quatro que quem quer querem quero questao quieta quieto quinta quinto quinze
        relacao sabe saber sao se segunda segundo sei seis sem sempre ser seria sete setima setimo seu seus sexta
        sexto sim sistema so sob sobre sois somente somos sou sua suas tais tal talvez tambem tanta tanto tao tarde te
        tem temos tempo tendes tenho tens tentar tentaram tente tentei ter terceira terceiro teu teus teve tipo tive
        tivemos tiveram tiveste tivestes toda todas todo todos tres treze tu tua tuas tudo ultimo um uma umas uns usa
        usar vai vais valor vao varios veja vem vens ver vez vezes vinda vindo vinte voce voces vos vossa vossas vosso
        vossos zero
    """,
    "nl": """
        aan aangaande aangezien achter achterna af afgelopen al aldus alhoewel alle allebei alleen allen alles als
        altijd ander andere anderen anders anderzijds behalve beide beiden ben beneden bent bepaald beter betere
        betreffende bij bijna bijvoorbeeld binnen binnenin boven bovenal bovendien bovenstaand buiten daar daarheen
        daarin daarna daarnet daarom daarop dan dat de den der des deze dezelfde dezen die dien dikwijls dit doch doen
        doet door doorgaand doorgaans dus echter een eens eerder eerst eerste eersten effe eigen elk elke en enige
        enkel enkele enz er erdoor etc even eveneens evenwel ff gauw ge gedurende geen gegeven gehad geheel gekund
        geleden gelijk gemogen geven geweest gewoon gewoonweg geworden gij haar had hadden hare heb hebben hebt heeft
        hele hem hen het hier hierbeneden hierboven hierin hij hoe hoewel hun idd ieder iemand iets ik ikke ikzelf in
        indien inmiddels inz inzake is ja je jezelf jij jijzelf jou jouw jouwe juist jullie kan klaar kon konden
        krachtens kunnen kunt lang later liet liever maar mag me mede meer meesten men met mezelf mij mijn mijzelf min
        minder misschien mocht mochten moest moesten moet moeten mogelijk mogen na naar nabij nadat net niet niets nog
        nogal nooit nr nu of om omdat omhoog omlaag omstreeks omtrent omver onder ondertussen ongeveer ons onszelf
        onze ooit ook op opdat opnieuw opzij over overigens pas pp precies prof publ reeds rond rondom sedert sinds
        sindsdien slechts sommige spoedig steeds tamelijk te tegen ten tenzij ter terwijl thans tijdens toch toe toen
        tot totdat tussen uit uitgezonderd uw uwe uwen vaak van vanaf vandaan vanuit vanwege veel veeleer verder verre
        vervolgens vgl volgens voor vooraf vooral vooralsnog voorbij voordat voordien voorheen voorop voort voorts
        vooruit vrij vroeg waar waarom wanneer want waren was wat we weer weg wegens weinig weinige wel weldra welk
        welke welken werd werden wezen wie wiens wier wij wil wilde worden wordt zal ze zeer zei zeker zekere zelf
        zelfde zelfs zich zichzelf zij zijn zijnde zijne zo zoals zodra zon zonder zou zouden zoveel zowat zulk zulke
        zulks zullen zult
    """,
}

NEWS_WORDS = "said says told according mr mrs ms year years new"

STOP_WORDS = {lang: frozenset(words.split()) for lang, words in _LISTS.items()}
STOP_WORDS["en"] |= frozenset(NEWS_WORDS.split())
