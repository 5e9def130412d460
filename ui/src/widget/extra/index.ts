import styles from './extra.css?inline';

export { Form } from './Form';
export { Home } from './Home';
export { hoursText } from './hoursText';
export { More } from './More';
export { Waiting } from './Waiting';

const sheet = new CSSStyleSheet();
sheet.replaceSync(styles);
document.adoptedStyleSheets.push(sheet);
