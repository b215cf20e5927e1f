/** What the phone says, in Welsh. */

import type { Words } from "./en";

const munudau = (count: number): string => `${count} munud`;

function ynPara(seconds: number): string {
  const whole = Math.floor(seconds / 60);
  const hours = Math.floor(whole / 60);
  if (hours === 0) return munudau(whole);
  const rest = whole % 60;
  return rest === 0 ? `${hours} awr` : `${hours} awr ${munudau(rest)}`;
}

export const cy: Words = {
  language: "Cymraeg",
  locale: "cy-GB",
  skip: "Neidio i'r brif ran",
  parts: "Rhannau'r ap",
  home: "Tapio",
  mine: "Fy ymweliadau",
  settings: "Gosodiadau",
  back: "Yn ôl",
  close: "Iawn",
  lasting: ynPara,
  minutes: munudau,

  offline: "Dim cysylltiad. Tapiwch fel arfer: cedwir pob tap ar y ffôn hwn.",
  waiting: (count) => `${count} tap yn aros, yn ddiogel ar y ffôn hwn.`,
  allSafe: "Mae popeth wedi cyrraedd y swyddfa.",
  quarantined: (count) =>
    `Mae'r swyddfa wedi rhoi ${count} tap o'r neilltu. Nid yw ar goll: dywedwch wrth eich swyddfa, a all edrych arno.`,
  notPersisted:
    "Gall y porwr hwn ddileu'r hyn a gedwir yma pan fydd y ffôn yn llawn. Rhowch yr ap ar y sgrin gartref, a'i agor pan fydd gennych gysylltiad.",
  clockWrong: (late, by) =>
    `Mae cloc y ffôn hwn ${by} ar ${late ? "ei hôl hi" : "y blaen"}. Caiff eich tapiau'r amser cywir. Gosodwch y cloc yn awtomatig yng ngosodiadau'r ffôn.`,
  clockUnsure: "Nid yw'r ffôn hwn yn siŵr o'r amser. Cedwir eich tapiau, a chânt eu hamser pan fydd cysylltiad.",

  openFor: (lasts) => `${lasts} hyd yn hyn`,
  noVisit: "Nid oes ymweliad ar agor.",
  scan: "Sganio'r tag",
  scanEnd: "Sganio'r tag i orffen",
  holdToTag: "Neu daliwch y ffôn wrth y tag.",
  holdStart: "Defnyddio NFC: dal y ffôn wrth y tag",
  holdRefused:
    "Mae NFC wedi'i ddiffodd, neu ni chaiff yr ap hwn ei ddefnyddio. Trowch ef ymlaen yng ngosodiadau'r ffôn, neu sganiwch y tag gyda'r camera.",
  notLetIn: "Heb gael mynd i mewn eto",
  away: "Ymweliad oddi cartref",

  started: (time, called) => `Dechreuwyd ${time} yng nghartref ${called}`,
  ended: (time, called) => `Gorffennwyd ${time} yng nghartref ${called}`,
  waitingSince: (time, called) => `Yn aros ers ${time} yng nghartref ${called}`,
  lasted: (lasts) => `Parhaodd yr ymweliad ${lasts}.`,
  waitingNext: "Tapiwch eto pan gewch fynd i mewn. Mae'r amser tan hynny'n cyfrif fel aros.",
  recorded: "Mae wedi'i gofnodi ac yn ddiogel ar y ffôn hwn, ac mae'n mynd i'r swyddfa ar ei ben ei hun.",
  recordedUnsure: "Mae wedi'i gofnodi. Gall yr amser a ddangosir fod yn anghywir, a chaiff ei gywiro pan fydd cysylltiad.",
  already: { start: "Eisoes wedi dechrau", stop: "Eisoes wedi gorffen", waiting: "Eisoes yn aros" },
  alreadyAt: (time, called) => `${time}, yng nghartref ${called}: ni newidiwyd dim.`,
  alreadyNext: "I orffen ymweliad sydd newydd ddechrau, arhoswch funud a thapiwch eto.",

  notRecorded: "Ni chofnodwyd",
  troubles: {
    "not enrolled": "Nid yw'r ffôn hwn yn perthyn i ofalwr eto. Gofynnwch i'ch swyddfa am god, a'i sganio gyda'r ffôn hwn.",
    revoked: "Mae'r swyddfa wedi tynnu'r ffôn hwn o ddefnydd. Ysgrifennwch yr amser a dywedwch wrth eich swyddfa.",
    "storage full":
      "Mae'r ffôn hwn yn llawn, ac ni all gadw tap arall. Ysgrifennwch yr amser, dilëwch ychydig o luniau neu ffilmiau, a thapiwch eto.",
    "storage broken":
      "Nid yw'r porwr hwn yn gadael i'r ap gadw dim (ffenestr breifat, efallai). Ysgrifennwch yr amser, ac agorwch yr ap mewn ffenestr arferol.",
    "another chain":
      "Mae'r swyddfa'n gwybod am dapiau eraill dan enw'r ffôn hwn. Ysgrifennwch yr amser a dywedwch wrth eich swyddfa: mae angen cod newydd ar y ffôn hwn.",
    "not a tag": "Nid tag Calltime yw hwn. Sganiwch dag y cartref lle'r ydych chi.",
  },

  questionUnknown: "Nid yw'r tag hwn yn un o'ch cartrefi",
  questionUnknownSays: (ref) => `Ei rif yw ${ref}. Efallai fod yr ymweliad yn newydd, neu fod y tag yn hongian mewn cartref arall.`,
  questionAnother: (called) => `Dyma gartref ${called}`,
  questionAnotherSays: (planned, time) => `Rydych wedi'ch cynllunio ar gyfer ${planned} am ${time}.`,
  questionOpen: (elsewhere, time) => `Mae eich ymweliad â ${elsewhere} ers ${time} yn dal ar agor`,
  questionOpenSays: (called) =>
    `Yng nghartref ${called} nawr? Bydd y swyddfa'n gofyn ichi pryd y gorffennodd yr ymweliad arall: nid yw'r ap yn dyfeisio amser.`,
  questionTime: (time) => `Fe wnaethoch dapio am ${time}; dyna a gofnodir os ewch ymlaen.`,
  goOnHere: "Rwyf yma: cofnodwch",
  notHere: "Peidio â chofnodi dim",

  scanTitle: "Daliwch y camera dros y cod",
  scanWaiting: "Heb gael mynd i mewn eto: sganiwch y tag wrth y drws",
  scanSays: "Mae'r cod wedi'i argraffu ar y tag.",
  scanCode: "Sganiwch y cod y mae eich swyddfa'n ei ddangos ichi",
  looking: "Yn chwilio am god",
  opening: "Yn agor y camera",
  torchOn: "Golau ymlaen",
  torchOff: "Diffodd y golau",
  cameraRefused:
    "Ni chaiff yr ap hwn ddefnyddio'r camera. Caniatewch hynny yng ngosodiadau'r porwr, neu agorwch god y tag gydag ap camera'r ffôn.",
  cameraNone: "Ni chafwyd hyd i gamera. Daliwch y ffôn wrth y tag, neu agorwch god y tag gydag ap camera arall.",
  cameraDecoder:
    "Nid oedd modd llwytho'r rhan sy'n darllen codau. Mae angen cysylltiad arni unwaith. Agorwch god y tag gydag ap camera'r ffôn.",
  otherCode: "Cod arall yw hwn, nid tag Calltime.",

  awayTitle: "Ymweliad oddi cartref",
  awaySays:
    "Pan fyddwch yn cwrdd â rhywun mewn man arall, mewn ysbyty neu siop, nid oes tag i'w sganio. Dywedwch gyda phwy ydych chi. Mae'r swyddfa'n gweld na thapiwyd tag.",
  awayWho: "Gyda phwy ydych chi?",
  awayNobody: "Nid oes neb yn hysbys i'r ffôn hwn eto. Agorwch yr ap pan fydd gennych gysylltiad.",
  awayStart: "Dechrau nawr",
  awayStop: "Gorffen nawr",
  awayChoose: "Dewiswch berson yn gyntaf.",

  startTitle: "Cofnodi ymweliadau gyda'r ffôn hwn",
  startWhat: "Beth sy'n cael ei gofnodi",
  startRecords: [
    "Eich bod wedi tapio, pryd, ac wrth ba dag.",
    "A ddechreuodd neu a orffennodd yr ymweliad, neu eich bod yn aros i gael mynd i mewn.",
    "I ba raddau y gellir ymddiried yng nghloc y ffôn hwn.",
  ],
  startNot: "Beth nad yw'n cael ei gofnodi",
  startNots: [
    "Ble'r ydych chi rhwng ymweliadau. Nid yw'r ap hwn yn eich dilyn.",
    "Ble'r ydych chi wrth dapio, oni bai bod eich cyngor wedi troi hynny ymlaen. Yna bydd eich ffôn yn gofyn ichi'n gyntaf.",
    "Eich galwadau, negeseuon, cysylltiadau, lluniau, na beth arall a wnewch â'r ffôn hwn.",
  ],
  startWho: "Pwy sy'n ei weld",
  startWhoSays: "Eich darparwr a'r cyngor sy'n talu am yr ymweliadau. Rydych chi'n gweld eich ymweliadau dan Fy ymweliadau.",
  startKeep: "Am ba hyd y'i cedwir, a'ch hawliau",
  privacy: "Preifatrwydd",
  startSwitch: "Gallwch dynnu'r ap oddi ar y ffôn hwn unrhyw bryd, dan Gosodiadau.",
  agree: "Rwy'n cytuno: defnyddio'r ffôn hwn",
  enrolling: "Un eiliad",
  startNoCode: "I ddechrau, gofynnwch i'ch swyddfa am god. Maent yn ei ddangos fel llun: sganiwch ef gyda'r ffôn hwn.",
  startScan: "Sganio cod y swyddfa",
  enrolTroubles: {
    "no link": "Nid oes cysylltiad â'r swyddfa. Mae eich cod yn dal yn dda: rhowch gynnig arall arni pan fydd un.",
    "bad code": "Ni roddwyd y cod hwn erioed, neu mae'n rhy hen, neu fe'i defnyddiwyd o'r blaen. Gofynnwch i'ch swyddfa am un newydd.",
    "enrolled already":
      "Mae'r ffôn hwn eisoes yn perthyn i ofalwr. I'w roi i rywun arall, tynnwch yr ap oddi arno'n gyntaf, dan Gosodiadau.",
    "storage broken": "Nid yw'r porwr hwn yn gadael i'r ap gadw dim (ffenestr breifat, efallai). Agorwch y cod mewn ffenestr arferol.",
    "old browser": "Mae'r porwr hwn yn rhy hen. Diweddarwch ef, ac agorwch y cod eto.",
    "not for phones":
      "Cod ar gyfer darllenydd mewn cartref yw hwn, neu nid yw'r swyddfa hon wedi gosod ffonau. Dywedwch wrth eich swyddfa.",
    refused: "Gwrthododd y swyddfa.",
  },
  enrolled: "Mae'r ffôn hwn yn barod",
  enrolledSays:
    "O hyn ymlaen, daliwch ef wrth y tag yn y cartref, neu sganiwch y tag, pan fydd ymweliad yn dechrau a phan fydd yn gorffen.",
  installTitle: "Ei roi ar y sgrin gartref",
  installButton: "Rhoi Calltime ar y sgrin gartref",
  safariTitle: "Arhoswch yn Safari",
  safariSays:
    "Ar iPhone, defnyddiwch Calltime yn Safari, lle mae tagiau'n agor, a pheidiwch â'i roi ar y sgrin gartref: ni fyddai'n eich adnabod yno. Agorwch ef o leiaf unwaith yr wythnos, neu gall Safari ddileu'r hyn a gedwir yma.",
  installOther: "Yn newislen y porwr, dewiswch Gosod ap neu Ychwanegu at y sgrin gartref.",
  start: "Dechrau",

  today: "Heddiw",
  week: "Yr wythnos hon",
  asOf: (time) => `Y cynllun fel yr oedd ${time}.`,
  asOfNever: "Ni nôlwyd y cynllun erioed. Agorwch yr ap pan fydd gennych gysylltiad.",
  refresh: "Gofyn i'r swyddfa nawr",
  refreshing: "Yn gofyn i'r swyddfa",
  columns: {
    who: "Cartref",
    planned: "Cynlluniwyd",
    started: "Dechrau",
    ended: "Gorffen",
    contact: "Cyswllt",
    travel: "Teithio",
    waited: "Aros",
    safe: "Wedi cyrraedd",
  },
  safe: "yn y swyddfa",
  notSafe: "ar y ffôn hwn",
  notYet: "dim eto",
  sums: (contact, travel, waited) => `Cyswllt ${contact}, teithio ${travel}, aros ${waited}.`,
  nothingToday: "Nid oes ymweliadau wedi'u cynllunio ichi, ac ni thapiwyd dim.",
  nothingThisDay: "Dim ymweliadau.",
  mineSays:
    "Teithio yw'r amser o ddiwedd un ymweliad hyd ddechrau'r nesaf. Gall rhywun arall fod wedi'i gynllunio ar gyfer ymweliad a welir yma: mae'r cynllun yn enwi cartrefi, nid gofalwyr.",

  chooseLanguage: "Iaith",
  about: "Am yr ap hwn",
  carer: (ref) => `Mae'r ffôn hwn yn perthyn i ofalwr ${ref}.`,
  software: "Fersiwn",
  licences: "Trwyddedau'r hyn y mae wedi'i adeiladu ohono",
  kept: "Beth a gedwir ar y ffôn hwn",
  keptSays:
    "Eich tapiau diweddaraf, a'r hyn a ddywedodd y swyddfa ddiwethaf am eich ymweliadau a'ch cartrefi. Ni all neb sy'n dod o hyd i'r ffôn ddarllen eich tapiau mewn man arall gydag ef.",
  leaveTitle: "Tynnu'r ap oddi ar y ffôn hwn",
  leaveSays: "Dilëir popeth a gedwir yma, ac ni all y ffôn dapio mwyach. Mae tapiau sydd wedi cyrraedd y swyddfa yn aros yno.",
  leave: "Ei dynnu",
  leaveWaiting: (count) =>
    `Nid yw ${count} tap wedi cyrraedd y swyddfa eto. Os ewch ymlaen, byddant ar goll am byth. Dywedwch wrth eich swyddfa yn gyntaf.`,
  leaveAside: (count) =>
    `Mae'r swyddfa wedi rhoi ${count} tap o'r neilltu. Os ewch ymlaen, bydd copi'r ffôn hwn ar goll am byth. Gofynnwch i'ch swyddfa yn gyntaf.`,
  leaveEvenSo: "Eu dileu am byth",
  keep: "Cadw'r ap",
  broke: "Nid oedd modd agor yr ap",
  brokeSays: "Caewch y dudalen hon a'i hagor eto. Os nad yw hynny'n helpu, ysgrifennwch amser eich ymweliad a dywedwch wrth eich swyddfa.",
};
