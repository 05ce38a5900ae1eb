import assert from "node:assert/strict";
import { Html, html } from "../../lib/notebook/html.ts";

Deno.test("text in markup shows as text, wherever it stands", () => {
  const hostile = `<script>alert("1")</script>'&`;
  assert.equal(
    html`<p title="${hostile}">${hostile}</p>`.markup,
    '<p title="&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39;&amp;">' +
      "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39;&amp;</p>",
  );
});

Deno.test("markup within markup stays markup, and lists are joined", () => {
  const items = ["a", "<b>"].map((item) => html`<li>${item}</li>`);
  assert.equal(
    html`<ul>${items}${3}${new Html("<!---->")}</ul>`.markup,
    "<ul><li>a</li><li>&lt;b&gt;</li>3<!----></ul>",
  );
});
