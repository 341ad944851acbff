"""The published method that Warmline grew from, in our own words, and how fast and right it is.

    python -m benchmarks.published [--model default] [--messages 6] [--json FILE]
                                   [--rows FILE.jsonl… --limit 120]

One fp32 model does both jobs by `generate`: a raw prompt without chat template asks for the label,
then the chat template for the reply; nothing is kept between the two, nor between turns. A GGUF is
unpacked to fp32 (needs `pip install gguf`). The method shows nothing before its reply is whole: its
"first token" here is when `generate`, asked through a streamer, has the reply's first token.

Knows: torch and transformers. Does not know: Warmline's engines, whose code it uses nothing of.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from benchmarks.machine import machine, memory_mb, spread
from benchmarks.messages import CHINESE, ENGLISH
from bot.config import load as load_settings
from bot.labelled import BadRows, Row, drawn, read
from bot.models import find_model
from engine.base import EngineError
from engine.metrics import wilson

LABEL_TOKENS, REPLY_TOKENS = 10, 128
LABELS = ("positive", "neutral", "negative")
LONGEST_TEXT = 600
"""Characters of a row that an fp32 model is given; a chat message is shorter."""

CUE = "判断结果："
PERSONA = "你是一个温暖、善解人意的助手，会认真体会对方的感受并给予回应。"
ANALYST = (
    "你是一名冷静、没有感情的情感分析员，只负责下面这一件事。\n"
    "规则：\n"
    "1. 判断文本的情感倾向是积极还是消极。\n"
    "2. 只能输出一个单词：Positive 或 Negative。\n"
    "3. 不要解释，不要换行，不要输出任何多余的字符。\n"
    "文本：{text}\n" + CUE
)


@dataclass(frozen=True, slots=True)
class Turn:
    """One message answered, in milliseconds from its start and tokens of the model."""

    language: str
    label: str
    label_ms: float
    first_token_ms: float
    turn_ms: float
    reply_tokens: int


def question(text: str) -> str:
    """The raw prompt that asks for a text's label."""
    return ANALYST.replace("{text}", text)


def verdict(written: str) -> str:
    """The label in a prompt and what the model wrote after it: 正面 if the cue's line says so."""
    said = (line for line in written.split("\n") if CUE in line)
    return "正面" if any("Positive" in line for line in said) else "负面"


def chat(history: Iterable[tuple[str, str]], text: str) -> list[dict[str, str]]:
    """The messages of the reply's prompt. `history` holds what was said and answered."""
    messages = [{"role": "system", "content": PERSONA}]
    for said, answered in history:
        messages += [
            {"role": "user", "content": said},
            {"role": "assistant", "content": answered},
        ]
    return [*messages, {"role": "user", "content": text}]


class FirstToken:
    """A streamer for `generate` that only notes when the first new token was there."""

    def __init__(self) -> None:
        self._calls = 0
        self.at = 0.0

    def put(self, _value: object) -> None:
        """Called with the prompt's tokens, then with each new token."""
        self._calls += 1
        if self._calls == 2:
            self.at = time.perf_counter()

    def end(self) -> None:
        """Called after the last token."""


class Published:
    """The method on one model: a GGUF's path, a folder or a hub name."""

    def __init__(self, source: Path | str) -> None:
        """Load it: blocks for seconds."""
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer

        name, gguf = str(source), {}
        quantization: dict[str, Any] = {}
        if name.endswith(".gguf"):
            from transformers import GgufConfig

            name, gguf = str(Path(source).parent), {"gguf_file": Path(source).name}
            quantization = {"quantization_config": GgufConfig(dequantize=True)}
        device = "cuda" if torch.cuda.is_available() else "cpu"
        self._tokenizer: Any = AutoTokenizer.from_pretrained(name, **gguf)
        model: Any = AutoModelForCausalLM.from_pretrained(
            name, dtype=torch.float32, use_safetensors=True, **gguf, **quantization
        )
        self._model = model.to(device).eval()

    def label(self, text: str) -> str:
        """正面 or 负面."""
        tokens, _ = self._generate(question(text), LABEL_TOKENS, None, do_sample=False)
        return verdict(self._decode(tokens))

    def reply(
        self,
        history: Sequence[tuple[str, str]],
        text: str,
        *,
        most_tokens: int = REPLY_TOKENS,
        first: FirstToken | None = None,
    ) -> tuple[str, int]:
        """The reply, and how many tokens it took."""
        prompt = self._tokenizer.apply_chat_template(
            chat(history, text), tokenize=False, add_generation_prompt=True
        )
        tokens, length = self._generate(
            prompt, most_tokens, first, do_sample=True, temperature=0.7, top_p=0.9
        )
        return self._decode(tokens[length:]), len(tokens) - length

    def turn(
        self, history: Sequence[tuple[str, str]], language: str, text: str
    ) -> tuple[Turn, str]:
        """Label and then reply, timed; and the reply."""
        began, first = time.perf_counter(), FirstToken()
        label = self.label(text)
        labelled = time.perf_counter()
        reply, tokens = self.reply(history, text, first=first)
        ended = time.perf_counter()
        label_ms, first_ms, turn_ms = ((t - began) * 1000 for t in (labelled, first.at, ended))
        return Turn(language, label, label_ms, first_ms, turn_ms, tokens), reply

    def _generate(
        self, prompt: str, most_tokens: int, first: FirstToken | None, **sampling: Any
    ) -> tuple[list[int], int]:
        """Prompt and answer as tokens, and how many of them are the prompt's."""
        import torch

        inputs = self._tokenizer(prompt, return_tensors="pt").to(self._model.device)
        with torch.no_grad():
            output = self._model.generate(
                **inputs,
                max_new_tokens=most_tokens,
                streamer=first,
                pad_token_id=self._tokenizer.eos_token_id,
                **sampling,
            )
        return output[0].tolist(), inputs["input_ids"].shape[1]

    def _decode(self, tokens: Sequence[int]) -> str:
        return cast(str, self._tokenizer.decode(tokens, skip_special_tokens=True))


def opened(source: Path | str) -> tuple[Published, float]:
    """The method, warmed up as its author advises, and the seconds that this took."""
    import torch

    torch.manual_seed(7)
    began = time.perf_counter()
    method = Published(source)
    method.label("Hello")
    method.reply([], "Hello", most_tokens=1)
    return method, time.perf_counter() - began


def conversations(method: Published, messages: int) -> list[Turn]:
    """The first messages of both languages' conversations, answered one after the other."""
    turns = []
    for language, said in (("en", ENGLISH), ("zh", CHINESE)):
        history: list[tuple[str, str]] = []
        for text in said[:messages]:
            turn, reply = method.turn(history, language, text)
            history.append((text, reply))
            turns.append(turn)
    return turns


def shortened(rows: Iterable[Row]) -> list[Row]:
    """The rows with no text over LONGEST_TEXT."""
    return [replace(row, text=row.text[:LONGEST_TEXT]) for row in rows]


def accuracy(method: Published, rows: Iterable[Row]) -> list[dict[str, Any]]:
    """How many labels of each file and language are right. Rows are positive or negative."""
    figures: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for row in rows:
        positive = method.label(row.text) == "正面"
        figures[row.file, row.language].append(positive == (row.label == "positive"))
    return [
        {"source": source, "language": language, "rows": len(right), "correct": sum(right)}
        for (source, language), right in sorted(figures.items())
    ]


def summary(result: dict[str, Any]) -> Iterator[str]:
    """The result as lines of Markdown tables."""
    yield f"published method, {result['model']}, {result['machine']}, {result['date']}"
    yield from ("", "| | median (least-most) |", "|---|---|")
    if turns := result["turns"]:
        yield f"| label, ms | {spread([t['label_ms'] for t in turns])} |"
        yield f"| first token, ms | {spread([t['first_token_ms'] for t in turns])} |"
        yield f"| whole turn, ms | {spread([t['turn_ms'] for t in turns])} |"
        yield f"| tokens of a reply | {spread([t['reply_tokens'] for t in turns])} |"
    yield f"| load and warm-up, s | {result['load_s']:.1f} |"
    memory = result["memory"]
    yield f"| memory, MB: most / now | {memory['peak']:.0f} / {memory['now']:.0f} |"
    if result["accuracy"]:
        yield from ("", "| file | language | rows | right | 95 % |", "|---|---|---|---|---|")
    for part in result["accuracy"]:
        low, high = wilson(part["correct"], part["rows"])
        share = part["correct"] / part["rows"]
        yield (
            f"| {part['source']} | {part['language']} | {part['rows']} | {100 * share:.0f} % "
            f"| {100 * low:.0f}-{100 * high:.0f} |"
        )


def measure(given: argparse.Namespace) -> dict[str, Any]:
    """Everything that was asked for.

    Raises:
        EngineError, BadRows.
    """
    settings = load_settings(None)
    wanted = settings.engine.model_copy(update={"kind": "huggingface", "model": given.model})
    found = find_model(settings.model_copy(update={"engine": wanted}))
    told_apart = [row for row in read(given.rows, LABELS) if row.label != "neutral"]
    rows = shortened(drawn(told_apart, given.limit))
    method, load_s = opened(found.source)
    return {
        "model": found.name,
        "machine": machine(),
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "load_s": load_s,
        "turns": [asdict(turn) for turn in conversations(method, given.messages)],
        "accuracy": accuracy(method, rows),
        "memory": memory_mb(),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="default")
    parser.add_argument("--messages", type=int, default=6, help="of each language; 0 for none")
    parser.add_argument("--rows", type=Path, nargs="+", default=[], metavar="FILE")
    parser.add_argument("--limit", type=int, default=120, help="rows of each file and language")
    parser.add_argument("--json", type=Path, dest="target")
    given = parser.parse_args()
    try:
        result = measure(given)
    except (EngineError, BadRows, ImportError, OSError) as error:
        sys.exit(str(error))
    if given.target:
        given.target.write_text(json.dumps(result, indent=1, ensure_ascii=False))
    sys.stdout.write("\n".join(summary(result)) + "\n")


if __name__ == "__main__":
    main()
