/** What the phone says, in English. The other languages say the same: a sentence that is missing there does not compile. */

const minutes = (count: number): string => (count === 1 ? "1 minute" : `${count} minutes`);

/** A length of time in words. */
function lasting(seconds: number): string {
  const whole = Math.floor(seconds / 60);
  const hours = Math.floor(whole / 60);
  if (hours === 0) return minutes(whole);
  const rest = whole % 60;
  const said = hours === 1 ? "1 hour" : `${hours} hours`;
  return rest === 0 ? said : `${said} ${minutes(rest)}`;
}

export const en = {
  language: "English",
  locale: "en-GB",
  skip: "Skip to the main part",
  parts: "Parts of the app",
  home: "Tap",
  mine: "My visits",
  settings: "Settings",
  back: "Back",
  close: "Done",
  lasting,
  minutes,

  offline: "No connection. Tap as always: taps are kept on this phone.",
  waiting: (count: number) => (count === 1 ? "1 tap waiting, safe on this phone." : `${count} taps waiting, safe on this phone.`),
  allSafe: "Everything has arrived at the office.",
  quarantined: (count: number) =>
    count === 1
      ? "The office has set 1 tap aside. It is not lost: tell your office, who can look at it."
      : `The office has set ${count} taps aside. They are not lost: tell your office, who can look at them.`,
  notPersisted:
    "This browser may throw away what is kept here when the phone is full. Put the app on the home screen, and open it while you have a connection.",
  clockWrong: (late: boolean, by: string) =>
    `The clock of this phone is ${by} ${late ? "slow" : "fast"}. Your taps get the right time. Set the clock to automatic in the phone's settings.`,
  clockUnsure: "This phone is not sure of the time. Your taps are kept, and get their time when there is a connection.",

  openFor: (lasts: string) => `${lasts} so far`,
  noVisit: "No visit is open.",
  scan: "Scan the tag",
  scanEnd: "Scan the tag to end",
  holdToTag: "Or hold the phone to the tag.",
  holdStart: "Use NFC: hold the phone to the tag",
  holdRefused: "NFC is switched off, or this app may not use it. Switch it on in the phone's settings, or scan the tag with the camera.",
  notLetIn: "Not let in yet",
  away: "Visit away from home",

  started: (time: string, called: string) => `Started ${time} at the home of ${called}`,
  ended: (time: string, called: string) => `Ended ${time} at the home of ${called}`,
  waitingSince: (time: string, called: string) => `Waiting since ${time} at the home of ${called}`,
  lasted: (lasts: string) => `The visit lasted ${lasts}.`,
  waitingNext: "Tap again when you are let in. The time until then counts as waiting.",
  recorded: "It is recorded and safe on this phone, and goes to the office by itself.",
  recordedUnsure: "It is recorded. The time shown may be wrong, and is put right when there is a connection.",
  already: { start: "Already started", stop: "Already ended", waiting: "Already waiting" },
  alreadyAt: (time: string, called: string) => `${time}, at the home of ${called}: nothing was changed.`,
  alreadyNext: "To end a visit that has just begun, wait one minute and tap again.",

  notRecorded: "Not recorded",
  troubles: {
    "not enrolled": "This phone does not belong to a carer yet. Ask your office for a code, and scan it with this phone.",
    revoked: "The office has taken this phone out of use. Write the time down and tell your office.",
    "storage full": "This phone is full, and cannot keep another tap. Write the time down, delete a few photos or films, and tap again.",
    "storage broken":
      "This browser does not let the app keep anything (a private window, perhaps). Write the time down, and open the app in a normal window.",
    "another chain":
      "The office knows other taps under the name of this phone. Write the time down and tell your office: this phone needs a new code.",
    "not a tag": "This is not a tag of Calltime. Scan the tag of the home where you are.",
  },

  questionUnknown: "This tag is not one of your homes",
  questionUnknownSays: (ref: string) => `Its number is ${ref}. Perhaps the visit is new, or the tag hangs in another home.`,
  questionAnother: (called: string) => `This is the home of ${called}`,
  questionAnotherSays: (planned: string, time: string) => `You are planned for ${planned} at ${time}.`,
  questionOpen: (elsewhere: string, time: string) => `Your visit to ${elsewhere} since ${time} is still open`,
  questionOpenSays: (called: string) =>
    `At the home of ${called} now? The office will ask you when the other visit ended: the app makes up no time.`,
  questionTime: (time: string) => `You tapped at ${time}; that is what is recorded if you go on.`,
  goOnHere: "I am here: record it",
  notHere: "Do not record anything",

  scanTitle: "Hold the camera over the code",
  scanWaiting: "Not let in yet: scan the tag at the door",
  scanSays: "The code is printed on the tag.",
  scanCode: "Scan the code that your office shows you",
  looking: "Looking for a code",
  opening: "Opening the camera",
  torchOn: "Light on",
  torchOff: "Light off",
  cameraRefused:
    "This app may not use the camera. Allow it in the settings of the browser, or open the tag's code with the phone's own camera app.",
  cameraNone: "No camera was found. Hold the phone to the tag, or open the tag's code with another camera app.",
  cameraDecoder:
    "The part that reads codes could not be loaded. It needs a connection once. Open the tag's code with the phone's own camera app.",
  otherCode: "This is another code, not a tag of Calltime.",

  awayTitle: "Visit away from home",
  awaySays:
    "When you meet somebody elsewhere, in a hospital or a shop, there is no tag to scan. Say with whom you are. The office sees that no tag was tapped.",
  awayWho: "With whom are you?",
  awayNobody: "No people are known to this phone yet. Open the app while you have a connection.",
  awayStart: "Start now",
  awayStop: "End now",
  awayChoose: "Choose a person first.",

  startTitle: "Check in with this phone",
  startWhat: "What is recorded",
  startRecords: [
    "That you tapped, when, and at which tag.",
    "Whether the visit started or ended, or that you were waiting to be let in.",
    "How far this phone's clock can be trusted.",
  ],
  startNot: "What is not recorded",
  startNots: [
    "Where you are between visits. This app does not follow you.",
    "Where you are at a tap, unless your council has switched that on. Then your phone asks you first.",
    "Your calls, messages, contacts, photos, or what else you do with this phone.",
  ],
  startWho: "Who sees it",
  startWhoSays: "Your provider and the council that pays for the visits. You see your visits under My visits.",
  startKeep: "How long it is kept, and your rights",
  privacy: "Privacy",
  startSwitch: "You can take the app off this phone at any time, under Settings.",
  agree: "I agree: use this phone",
  enrolling: "One moment",
  startNoCode: "To begin, ask your office for a code. They show it as a picture: scan it with this phone.",
  startScan: "Scan the office's code",
  enrolTroubles: {
    "no link": "There is no connection to the office. Your code is still good: try again when there is one.",
    "bad code": "This code was never given out, is too old, or was used before. Ask your office for a new one.",
    "enrolled already": "This phone belongs to a carer already. To give it to somebody else, take the app off it first, under Settings.",
    "storage broken": "This browser does not let the app keep anything (a private window, perhaps). Open the code in a normal window.",
    "old browser": "This browser is too old. Update it, and open the code again.",
    "not for phones": "This code is for a reader at a home, or this office has not set up phones. Tell your office.",
    refused: "The office refused.",
  },
  enrolled: "This phone is ready",
  enrolledSays: "From now on, hold it to the tag at the home, or scan the tag, when a visit starts and when it ends.",
  installTitle: "Put it on the home screen",
  installButton: "Put Calltime on the home screen",
  safariTitle: "Stay in Safari",
  safariSays:
    "On an iPhone, use Calltime in Safari, where tags open, and do not put it on the home screen: there it would not know you. Open it at least once a week, or Safari may delete what is kept here.",
  installOther: "In the browser's menu, choose Install app or Add to home screen.",
  start: "Start",

  today: "Today",
  week: "This week",
  asOf: (time: string) => `The plan as of ${time}.`,
  asOfNever: "The plan was never fetched. Open the app while you have a connection.",
  refresh: "Ask the office now",
  refreshing: "Asking the office",
  columns: {
    who: "Home",
    planned: "Planned",
    started: "Started",
    ended: "Ended",
    contact: "Contact",
    travel: "Travel",
    waited: "Waiting",
    safe: "Arrived",
  },
  safe: "at the office",
  notSafe: "on this phone",
  notYet: "not yet",
  sums: (contact: string, travel: string, waited: string) => `Contact ${contact}, travel ${travel}, waiting ${waited}.`,
  nothingToday: "No visits are planned for you, and none were tapped.",
  nothingThisDay: "No visits.",
  mineSays:
    "Travel is the time from the end of one visit to the start of the next. Somebody else may have been planned for a visit that stands here: the plan names homes, not carers.",

  chooseLanguage: "Language",
  about: "About this app",
  carer: (ref: string) => `This phone belongs to carer ${ref}.`,
  software: "Version",
  licences: "Licences of what it is built with",
  kept: "What is kept on this phone",
  keptSays:
    "Your latest taps, and what the office told last of your visits and homes. Nobody who finds the phone can read your taps elsewhere with it.",
  leaveTitle: "Take the app off this phone",
  leaveSays: "Everything that is kept here is deleted, and the phone can tap no more. Taps that have arrived at the office stay there.",
  leave: "Take it off",
  leaveWaiting: (count: number) =>
    `${tapsHave(count)} not arrived at the office yet. If you go on, they are lost for good. Tell your office first.`,
  leaveAside: (count: number) =>
    `The office has set ${count === 1 ? "1 tap" : `${count} taps`} aside. If you go on, this phone's copy is lost for good. Ask your office first.`,
  leaveEvenSo: "Delete them for good",
  keep: "Keep the app",
  broke: "The app could not be opened",
  brokeSays: "Close this page and open it again. If that does not help, write the time of your visit down and tell your office.",
};

function tapsHave(count: number): string {
  return count === 1 ? "1 tap has" : `${count} taps have`;
}

export type Words = typeof en;
