function page(title: string, heading: string, text: string): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>${title}</title>
<style>
body { font-family: "Segoe UI", Arial, sans-serif; margin: 15% auto; max-width: 44rem; padding: 0 1rem; color: #333 }
h1 { font-weight: 400; font-size: 2.4rem }
p { line-height: 1.5 }
</style>
</head>
<body>
<h1>${heading}</h1>
<p>${text}</p>
</body>
</html>
`;
}

/** What App Service's front end answers itself. */
export const pages = {
  stopped: page(
    "Web App - Unavailable",
    "Error 403 - This web app is stopped.",
    'The web app you have attempted to reach is currently stopped and does not accept any requests. Please try to reload the page or visit it again soon.</p>\n<p>If you are the web app administrator, please find the common 403 error scenarios and resolution <a href="https://go.microsoft.com/fwlink/?linkid=2095007">here</a>.',
  ),
  applicationError: page(
    "Application Error",
    ":( Application Error",
    "If you are the application administrator, you can access the diagnostic resources.",
  ),
  badRequest: page("Bad Request", "Bad Request", "The request's target is not a path."),
  badGateway: page(
    "502 - Web server received an invalid response",
    "502 - Web server received an invalid response while acting as a gateway or proxy server.",
    "The container closed the connection or sent something that is not an HTTP response.",
  ),
  gatewayTimeout: page(
    "504.0 GatewayTimeout",
    "504.0 GatewayTimeout",
    "The request timed out. The container sent nothing for the platform's idle time.",
  ),
};
