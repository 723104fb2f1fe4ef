"""Generate the gRPC stubs from the protos, or check that the committed ones are current.

``python -m tests.api.stubs`` writes them, ``python -m tests.api.stubs --check`` exits 1 when they are stale.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet, ServiceDescriptorProto
from grpc_tools import protoc

SOURCE = Path(__file__).parents[2] / "src"
PACKAGE = "goodsfactory/api"
PROTOS = ("daemon", "goodsfactory")


def generated(source: Path = SOURCE) -> dict[str, str]:
    """Relative path → text of every stub that belongs to the protos below ``source``.

    The include path is the source root, so that the stubs import each other by their package name.
    Raises RuntimeError where protoc refuses a proto.
    """
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch)
        arguments = [
            "protoc",
            f"--proto_path={source}",
            f"--proto_path={resources.files('grpc_tools').joinpath('_proto')}",
            f"--python_out={out}",
            f"--pyi_out={out}",
            f"--grpc_python_out={out}",
            f"--descriptor_set_out={out / 'descriptors'}",
            *(f"{PACKAGE}/{name}.proto" for name in PROTOS),
        ]
        if protoc.main(arguments) != 0:
            raise RuntimeError("protoc refused the protos; its message is above.")
        texts = {
            path.relative_to(out).as_posix(): path.read_text("utf-8") for path in sorted(out.rglob("*.py*"))
        }
        descriptors = FileDescriptorSet.FromString((out / "descriptors").read_bytes())
    for file in descriptors.file:
        texts[file.name.replace(".proto", "_pb2_grpc.pyi")] = _formatted("\n".join(_typed_services(file)))
    return texts


def _formatted(text: str) -> str:
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--line-length", "110"]
    done = subprocess.run(
        [*command, "--stdin-filename", "stub.pyi", "-"],
        input=text,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def _typed_services(file: FileDescriptorProto) -> Iterator[str]:
    """Types of the service code, which the official generator leaves out."""
    module = f"{Path(file.name).stem}_pb2"
    package = f".{file.package}."
    if any(method.server_streaming for service in file.service for method in service.method):
        yield "from collections.abc import AsyncIterator"
        yield ""
    yield "import grpc"
    yield "import grpc.aio"
    yield ""
    yield f"from {PACKAGE.replace('/', '.')} import {module}"
    for service in file.service:
        yield ""
        yield f"class {service.name}Stub:"
        yield "    def __init__(self, channel: grpc.Channel) -> None: ..."
        for name, request, response, stream in _methods(service, package, module):
            kind = "UnaryStreamMultiCallable" if stream else "UnaryUnaryMultiCallable"
            yield f"    {name}: grpc.{kind}[{request}, {response}]"
        yield ""
        yield f"class {service.name}Servicer:"
        for name, request, response, stream in _methods(service, package, module):
            answer = f"AsyncIterator[{response}]" if stream else response
            context = f"grpc.aio.ServicerContext[{request}, {response}]"
            yield f"    {'' if stream else 'async '}def {name}("
            yield f"        self, request: {request}, context: {context}"
            yield f"    ) -> {answer}: ..."
        yield ""
        yield (
            f"def add_{service.name}Servicer_to_server("
            f"servicer: {service.name}Servicer, server: grpc.aio.Server) -> None: ..."
        )


def _methods(
    service: ServiceDescriptorProto, package: str, module: str
) -> Iterator[tuple[str, str, str, bool]]:
    for method in service.method:
        request = f"{module}.{method.input_type.removeprefix(package)}"
        response = f"{module}.{method.output_type.removeprefix(package)}"
        yield method.name, request, response, method.server_streaming


def stale(source: Path = SOURCE) -> list[str]:
    """Relative paths of the committed stubs that differ from what the protos say."""
    return [
        path
        for path, text in generated(source).items()
        if not (source / path).exists() or (source / path).read_text("utf-8") != text
    ]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Generate or check the gRPC stubs.")
    parser.add_argument("--check", action="store_true", help="change nothing, exit 1 when a stub is stale")
    check: bool = parser.parse_args(arguments).check
    if check:
        old = stale()
        if old:
            sys.stderr.write(f"Stale stubs: {', '.join(old)}. Run `make stubs`.\n")
        return 1 if old else 0
    for path, text in generated().items():
        (SOURCE / path).write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
