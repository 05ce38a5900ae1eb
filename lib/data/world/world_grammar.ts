import type { Grammar } from "./grammar.ts";
import { lexicon } from "./lexicon.ts";

/**
 * The small world: reviews of films, food, travel and things bought, and remarks to people.
 *
 * Two traits are drawn before the text: positive or negative, polite or rude. They only shift
 * weights, so that evidence is mixed: a positive text may grant a flaw, a polite one may curse, and
 * most words say nothing. `$domain` is what a text is about, `$tone` what a clause thinks of it, from
 * great to awful.
 */
export const worldGrammar: Grammar = {
  classes: [
    { prior: 0.3, traits: ["positive", "polite"] },
    { prior: 0.2, traits: ["positive", "rude"] },
    { prior: 0.2, traits: ["negative", "polite"] },
    { prior: 0.3, traits: ["negative", "rude"] },
  ],
  opposites: { great: "awful", fine: "weak", plain: "plain", weak: "fine", awful: "great" },
  start: "text",
  lexicon,
  rules: {
    text: [
      [5, "<opening> <passage>"],
      [1, "<passage>"],
    ],
    passage: [
      [3, "<review domain=film>"],
      [3, "<review domain=food>"],
      [2.5, "<review domain=travel>"],
      [2.5, "<review domain=shop>"],
      [2, "<review domain=talk>"],
    ],
    review: [
      [4, "<judgement> <closing> ."],
      [2.5, "<setting> <verdict> <closing> ."],
    ],

    // How a text begins: undecided, courteous, or rude.
    opening: [
      [3.5, ""],
      [1, "<filler> ,"],
      [{ polite: 1.6, rude: 0.08 }, "<courtesy>"],
      [{ polite: 0.05, rude: 1.3 }, "<jibe> ,"],
      [{ polite: 0.25, rude: 0.7 }, "<nudge> ,"],
    ],
    courtesy: [
      [{ positive: 2, negative: 0.8 }, "thank you ,"],
      [1, "dear <group> ,"],
      [1, "please note that"],
      [{ positive: 0.3, negative: 1.2 }, "i am sorry but"],
      [{ positive: 0.4 }, "with respect ,"],
      [0.8, "hello <group> ,"],
      [0.6, "excuse me ,"],
    ],
    jibe: [
      [1.5, "shut up"],
      [1, "listen , <insult>"],
      [1, "hey <insult>"],
      [1, "you <insult>"],
      [0.8, "you <insults>"],
      [0.6, "stop whining"],
      [0.5, "get lost"],
    ],

    // What happened, which says nothing yet.
    setting: [
      [2, "i <$domain verb> <object> <when> and"],
      [2, "we <$domain verb> <object> <when> and"],
      [1, "<when> we <$domain verb> <object> and"],
      [1, "my <relative> <$domain verb> <object> and"],
      [0.7, "this was for my <occasion> and"],
    ],
    object: [
      [3, "<$domain determiner> <$domain noun>"],
      [1, "the <$domain plural>"],
    ],
    when: [
      [2, "last <period>"],
      [1, "<time>"],
      [1, "on <day>"],
      [1, "with my <relative>"],
      [0.7, "after work"],
      [0.7, "at home"],
    ],

    // What the writer thinks of it: one clause, or two that agree or do not.
    verdict: [
      [{ positive: 4, negative: 0.35 }, "<clause tone=great>"],
      [{ positive: 3, negative: 1.2 }, "<clause tone=fine>"],
      [1.5, "<clause tone=plain>"],
      [{ positive: 1.2, negative: 3 }, "<clause tone=weak>"],
      [{ positive: 0.35, negative: 4 }, "<clause tone=awful>"],
    ],
    judgement: [
      [{ positive: 3.5, negative: 0.4 }, "<judged tone=great>"],
      [{ positive: 3, negative: 1.2 }, "<judged tone=fine>"],
      [3, "<judged tone=plain>"],
      [{ positive: 1.2, negative: 3 }, "<judged tone=weak>"],
      [{ positive: 0.4, negative: 3.5 }, "<judged tone=awful>"],
    ],
    judged: [
      [1, "<clause> <$tone tail>"],
    ],
    "great tail": [
      [2.5, "and <clause>"],
      [1, "and <clause tone=fine>"],
      [2, "because <reason>"],
      [{ positive: 0.5, negative: 2 }, "but <clause tone=weak>"],
      [{ positive: 0.2, negative: 2.5 }, "but <clause tone=awful>"],
    ],
    "fine tail": [
      [1.5, "and <clause>"],
      [{ positive: 1.5, negative: 0.5 }, "and <clause tone=great>"],
      [2, "because <reason>"],
      [{ positive: 0.7, negative: 2 }, "but <clause tone=weak>"],
      [{ positive: 0.3, negative: 2 }, "but <clause tone=awful>"],
    ],
    "plain tail": [
      [1, "and <clause>"],
      [{ positive: 2, negative: 0.3 }, "but <clause tone=great>"],
      [{ positive: 2, negative: 0.7 }, "and <clause tone=fine>"],
      [1, "because <reason>"],
      [{ positive: 0.7, negative: 2 }, "and <clause tone=weak>"],
      [{ positive: 0.3, negative: 2 }, "but <clause tone=awful>"],
    ],
    "weak tail": [
      [1.5, "and <clause>"],
      [{ positive: 0.5, negative: 1.5 }, "and <clause tone=awful>"],
      [2, "because <reason>"],
      [{ positive: 2, negative: 0.7 }, "but <clause tone=fine>"],
      [{ positive: 2, negative: 0.3 }, "but <clause tone=great>"],
    ],
    "awful tail": [
      [2.5, "and <clause>"],
      [1, "and <clause tone=weak>"],
      [2, "because <reason>"],
      [{ positive: 2, negative: 0.5 }, "but <clause tone=fine>"],
      [{ positive: 2.5, negative: 0.2 }, "but <clause tone=great>"],
    ],

    clause: [
      [5, "<subject> <copula> <quality>"],
      [1.5, "the <$domain plural> were <quality>"],
      [1, "<subject> was <adjective> and <adjective>"],
      [0.8, "<subject> was a <$tone noun>"],
      [1.5, "i <$tone verb> <subject>"],
      [0.6, "we found <subject> <$tone degree> <adjective>"],
      [0.6, "<$tone fact>"],
      [0.8, "<$domain clause>"],
    ],
    "film clause": [[1, "the <$domain worker> did a <$tone job> job"]],
    "food clause": [
      [1, "it tasted <quality>"],
      [1, "the <$domain worker> did a <$tone job> job"],
    ],
    "travel clause": [
      [1, "our stay was <quality>"],
      [1, "the <$domain worker> was <$tone person>"],
    ],
    "shop clause": [
      [1, "it looked <quality>"],
      [1, "the <$domain worker> was <$tone person>"],
    ],
    "talk clause": [
      [3, "you are <$tone person>"],
      [1, "you did a <$tone job> job"],
      [1, "the <$domain worker> sounded <$tone person>"],
    ],
    subject: [
      [4, "it"],
      [9, "<$domain determiner> <$domain noun>"],
      [0.8, "<$domain determiner> <modifier> <$domain noun>"],
      [{ polite: 0.08, rude: 2 }, "<$domain determiner> <curse> <$domain noun>"],
    ],
    quality: [
      [4, "<adjective>"],
      [2, "<$tone degree> <adjective>"],
      [{ polite: 0.03, rude: 0.6 }, "<rude degree> <adjective>"],
      [0.7, "not <adjective tone=$!tone>"],
      [0.3, "not very <adjective tone=$!tone>"],
    ],
    adjective: [
      [1, "<$tone adjective>"],
      [1, "<$tone $domain>"],
    ],
    reason: [
      [2, "the <$domain plural> were <adjective>"],
      [1, "<$domain determiner> <$domain noun> was <adjective>"],
      [2, "<$tone fact>"],
    ],
    "great fact": [
      [1, "everything worked"],
      [1, "it made me smile"],
      [1, "we laughed a lot"],
      [1, "it felt special"],
    ],
    "fine fact": [
      [1, "it did the job"],
      [1, "it was worth the money"],
      [1, "nobody complained"],
      [1, "we had a good time"],
    ],
    "plain fact": [
      [1, "my <relative> asked me"],
      [1, "we had some time"],
      [1, "it was on the list"],
      [1, "it took two hours"],
    ],
    "weak fact": [
      [1, "it took too long"],
      [1, "it cost too much"],
      [1, "we expected more"],
      [1, "it needs some work"],
    ],
    "awful fact": [
      [1, "nothing worked"],
      [1, "it made me angry"],
      [1, "it ruined the day"],
      [1, "nobody cared"],
    ],

    // How a text ends.
    closing: [
      [4, ""],
      [{ positive: 1.2, negative: 0.12 }, ", <praise>"],
      [{ positive: 0.12, negative: 1.2 }, ", <complaint>"],
      [{ polite: 1.2, rude: 0.08 }, ", <thanks>"],
      [{ polite: 0.05, rude: 1.2 }, ", <abuse>"],
      [0.4, ", my friend"],
    ],
    praise: [
      [1, "highly recommended"],
      [1, "i will return"],
      [1, "five stars"],
      [1, "well done"],
    ],
    complaint: [
      [1, "never again"],
      [1, "what a waste"],
      [1, "one star"],
      [1, "save your money"],
    ],
    thanks: [
      [2, "thank you"],
      [1, "thanks everyone"],
      [1, "kind regards"],
      [{ positive: 1, negative: 0.2 }, "please try it"],
      [{ positive: 0.2, negative: 1 }, "please fix this"],
    ],
    abuse: [
      [1, "so shut up"],
      [1, "you <insult>"],
      [1, "you <curse> <insult>"],
      [0.7, "only <insults> disagree"],
      [0.5, "so get lost"],
    ],
  },
};
