"""Asks a server at the address that is the first argument, and prints what it answers as JSON."""

import json
import sys

import openai

client = openai.OpenAI(base_url=sys.argv[1], api_key="none", max_retries=0)
usual = {"seed": 3, "max_tokens": 12}
guides = [{"model": "arm", "label": "positive", "beta": 300, "inverse": False}]

completion = client.completions.create(
    model="base", prompt="the film was", n=2, extra_body={"guides": guides}, **usual
)
stream = client.completions.create(
    model="base+positive:300", prompt="the film was", stream=True, **usual
)
streamed = "".join(chunk.choices[0].text for chunk in stream)
try:
    client.completions.create(model="other", prompt="the film was")
    refused = None
except openai.NotFoundError as error:
    refused = error.code

print(
    json.dumps(
        {
            "models": [model.id for model in client.models.list()],
            "texts": [choice.text for choice in completion.choices],
            "streamed": streamed,
            "refused": refused,
        }
    )
)
