"""What the clients have in common: steps, comparisons, and saying what was expected and what came."""

import json
import sys
import traceback

BLANKS = " \t\r\n"


def compact(text):
    """JSON text without the blanks between its parts. Order, spelling and everything inside strings stay."""
    parts, in_string, escaped = [], False, False
    for char in text:
        if in_string:
            in_string = escaped or char != '"'
            escaped = char == "\\" and not escaped
        elif char in BLANKS:
            continue
        else:
            in_string = char == '"'
        parts.append(char)
    return "".join(parts)


def dump(value):
    """A value as compact JSON in the order of its keys."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def request_line(answer):
    """What was asked, for the reader of a failure."""
    request = answer.request
    body = request.body or ""
    if isinstance(body, bytes):
        body = body.decode(errors="replace")
    return f"{request.method} {request.path_url} {body[:400]}".rstrip()


class Checks:
    """Compares for one client, and counts what did not come as expected."""

    def __init__(self, name):
        self.name = name
        self.failures = 0

    def step(self, title):
        """Gives a step the title that is printed."""

        def add(function):
            function.title = title
            return function

        return add

    def fail(self, what, expected, came):
        self.failures += 1
        print(f"  FAILED   {what}\n  expected {expected}\n  came     {came}", flush=True)

    def same(self, what, expected, came):
        """Values of the same type, content and, for objects, order of keys."""
        if type(expected) is not type(came) or dump(expected) != dump(came):
            self.fail(what, dump(expected), dump(came))

    def holds(self, what, expected, came, condition):
        """For what is known only by a property: `expected` says which one."""
        if not condition:
            self.fail(what, expected, came)

    def body(self, answer, status, text):
        """The status and the body, byte for byte but for blanks between parts, which documentation sets as it likes."""
        expected, came = f"{status} {compact(text)}", f"{answer.status_code} {compact(answer.text)}"
        if came != expected:
            self.fail(request_line(answer), expected, came)

    def raises(self, what, error, call):
        """Gives back the error that the call raises."""
        try:
            result = call()
        except error as raised:
            return raised
        self.fail(what, error.__name__, result)
        return None

    def run(self, steps):
        """Runs all steps, then exits with 1 if anything failed."""
        for step in steps:
            print(f"{self.name}: {step.title}", flush=True)
            try:
                step()
            except Exception:  # whatever it is, the reader wants the other steps too
                self.fail(step.title, "the step ends", traceback.format_exc(limit=-3))
        sys.exit(1 if self.failures else 0)
