// Tells the style sheet, before the first paint, that scripts run. The components of the design system ask for both names.
document.body.className += " js-enabled" + ("noModule" in HTMLScriptElement.prototype ? " govuk-frontend-supported" : "");
