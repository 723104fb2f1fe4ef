"""Text in the order of its code points, whatever language a database was made for."""

from typing import Any

from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class code_points(FunctionElement[str]):
    """A text column to sort by: the same rows come in the same order on every database (law L13)."""

    inherit_cache = True


@compiles(code_points, "sqlite")
def _of_sqlite(element: code_points, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.clauses, **options)


@compiles(code_points, "postgresql")
def _of_postgresql(element: code_points, compiler: SQLCompiler, **options: Any) -> str:
    return f'{compiler.process(element.clauses, **options)} COLLATE "C"'
