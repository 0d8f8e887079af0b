"""The grammar of the statements that a pipeline may hold, as Flink 2.3's own parser reads them.

sqlglot reads many dialects at once and so takes much that Flink refuses. A statement is therefore held against this
grammar first. It says only what is a statement, not how it is built, and so needs no levels of precedence.

Words in capitals stand for themselves, as does what stands in "…"; NAME is a name (quoted, or no reserved word), TEXT a
string, HEX one of bytes, NUMBER and DIGITS a number without a sign. [x] may be left out, {x} comes any number of times,
x… comes once or more with commas between, !x says that x may not follow here. The first alternative that fits is taken.
"""

GRAMMAR = """
statement = query_statement | insert | create | replace_table | execute | BEGIN STATEMENT SET | END
          | SET [text "=" text] | RESET [text] ;
execute = EXECUTE (statement_set | insert | query_statement) ;
statement_set = STATEMENT SET BEGIN insert ";" {insert ";"} END ;
insert = INSERT (INTO | OVERWRITE) path [hints] [[EXTEND] name_types] [PARTITION "(" name_value… ")"] [columns] query
         [ON CONFLICT DO (NOTHING | ERROR | DEDUPLICATE)] ;
name_value = NAME "=" literal ;
name_types = "(" path_type… ")" ;
path_type = path type ;
columns = "(" path… ")" ;

create = CREATE ( OR ALTER MATERIALIZED TABLE materialized_table
                | [OR REPLACE] TEMPORARY SYSTEM FUNCTION function
                | [OR REPLACE] [TEMPORARY] ( TABLE table | VIEW view | MATERIALIZED TABLE materialized_table
                                           | FUNCTION function | MODEL model ) ) ;
replace_table = REPLACE [TEMPORARY] TABLE table ;
table = if_not_exists path ( columns table_clauses AS query
                           | ["(" element… ")"] table_clauses [LIKE path ["(" like {like} ")"] | AS query] ) ;
table_clauses = [COMMENT TEXT] [DISTRIBUTED distribution] [PARTITIONED BY names] [WITH options] ;
element = CONSTRAINT NAME key names [enforced] | key names [enforced] | WATERMARK FOR path AS expr
        | NAME AS expr [COMMENT TEXT]
        | path type (METADATA [FROM text] [VIRTUAL] | [[CONSTRAINT NAME] key [enforced]]) [COMMENT TEXT] ;
key = PRIMARY KEY | UNIQUE ;
enforced = [NOT] ENFORCED ;
distribution = INTO DIGITS BUCKETS | BY [HASH | RANGE] names [INTO DIGITS BUCKETS] ;
like = (INCLUDING | EXCLUDING | OVERWRITING)
       (ALL | CONSTRAINTS | DISTRIBUTION | GENERATED | METADATA | OPTIONS | PARTITIONS | WATERMARKS) ;
options = "(" [option…] ")" ;
option = text "=" text ;
view = if_not_exists path [names] [COMMENT TEXT] AS query ;
materialized_table = if_not_exists path [columns | "(" element… ")"] table_clauses [START_MODE "=" start_mode]
        [FRESHNESS "=" interval] [REFRESH_MODE "=" (FULL | CONTINUOUS)] AS query ;
start_mode = FROM_BEGINNING | RESUME_OR_FROM_BEGINNING | RESUME_OR_FROM_NOW ["(" interval ")"]
           | RESUME_OR_FROM_TIMESTAMP "(" expr ")" | FROM_NOW ["(" interval ")"] | FROM_TIMESTAMP "(" expr ")" ;
function = if_not_exists path AS TEXT [LANGUAGE (JAVA | SCALA | SQL | PYTHON)]
           [USING resource…] [WITH options] ;
resource = (JAR | ARTIFACT) TEXT ;
model = if_not_exists path [INPUT "(" element… ")"] [OUTPUT "(" element… ")"] [COMMENT TEXT] [WITH options]
        [AS query] ;
if_not_exists = [IF NOT EXISTS] ;

query_statement = [WITH [RECURSIVE] common…] query_term {set_operation query_term} tail ;
query_term = select | values | TABLE path | "(" query_statement ")" ;
query = [WITH [RECURSIVE] common…] query_leaf {set_operation query_leaf} tail ;
query_leaf = select | values | TABLE path | "(" query ")" ;
any_query = select_query | expr {set_operation query_leaf} tail ;
select_query = [WITH [RECURSIVE] common…] (select | values | TABLE path) {set_operation query_leaf} tail ;
common = NAME [names] AS "(" query ")" ;
set_operation = (UNION | INTERSECT | EXCEPT | MINUS) [ALL | DISTINCT] ;
tail = [order_by] [ LIMIT (count | ALL) [OFFSET count [ROW | ROWS]]
                  | OFFSET count [ROW | ROWS] [fetch]
                  | fetch ] ;
fetch = FETCH (FIRST | NEXT) count (ROW | ROWS) ONLY ;
count = NUMBER | "?" ;
select = SELECT [hints] [STREAM] [ALL | DISTINCT] item…
         [FROM from [WHERE expr] [GROUP BY [ALL | DISTINCT] grouping…] [HAVING expr] [WINDOW window…] [QUALIFY expr]] ;
item = ("*" | expr) [[AS] NAME] ;
values = (VALUES | VALUE) row… ;
row = [ROW] "(" row_item… ")" | !"(" expr ;
row_item = DEFAULT | any_query ;
grouping = GROUPING SETS "(" grouping… ")" | (ROLLUP | CUBE) "(" expr… ")" | "(" ")" | expr ;
window = NAME AS window_spec ;
window_spec = "(" [NAME] [PARTITION BY expr…] [order_by]
              [(ROWS | RANGE) (BETWEEN bound AND bound | bound)]
              [EXCLUDE (CURRENT ROW | GROUP | TIES | NO OTHERS)] [(ALLOW | DISALLOW) PARTIAL] ")" ;
bound = CURRENT ROW | UNBOUNDED (PRECEDING | FOLLOWING) | expr (PRECEDING | FOLLOWING) ;
order_by = ORDER BY order… ;
order = expr [ASC | DESC] [NULLS (FIRST | LAST)] ;

from = from_item {"," from_item} ;
from_item = table_ref {join} ;
join = [NATURAL] [INNER | CROSS | (LEFT | RIGHT | FULL) [OUTER]] JOIN table_ref [ON expr | USING names] ;
table_ref = ( [LATERAL] UNNEST "(" any_query {"," expr} ")" [WITH ORDINALITY]
            | [LATERAL] TABLE "(" [SPECIFIC] path "(" arguments ")" ")"
            | [LATERAL] "(" joined ")" [match_recognize]
            | path "(" arguments ")"
            | path [hints] [[EXTEND] name_types] [FOR SYSTEM_TIME AS OF expr] [match_recognize] )
            [PIVOT pivot] [UNPIVOT unpivot] [[AS] NAME [names]]
            [TABLESAMPLE (BERNOULLI | SYSTEM) "(" NUMBER ")" [REPEATABLE "(" ["-" | "+"] DIGITS ")"]] ;
joined = select_query
       | "(" joined ")" ([match_recognize] [[AS] NAME [names]] join {join} | {set_operation query_leaf} tail)
       | !"(" table_ref join {join} ;
pivot = "(" pivot_value… FOR name_or_names IN "(" [pivot_row…] ")" ")" ;
pivot_value = call [[AS] NAME] ;
pivot_row = row [[AS] NAME] ;
unpivot = [(INCLUDE | EXCLUDE) NULLS] "(" name_or_names FOR name_or_names IN "(" unpivot_value… ")" ")" ;
unpivot_value = name_or_names [AS row] ;
hints = "/*+" hint… "*/" ;
hint = NAME ["(" [hint_argument…] ")"] ;
hint_argument = (NAME | text) "=" text | ["-" | "+"] NUMBER | text | NAME ;

match_recognize = MATCH_RECOGNIZE "(" [PARTITION BY expr…] [order_by] [MEASURES measure…]
    [(ONE ROW | ALL ROWS) PER MATCH]
    [AFTER MATCH SKIP (PAST LAST ROW | TO (NEXT ROW | FIRST NAME | LAST NAME | NAME))]
    PATTERN "(" ["^"] pattern ["$"] ")" [WITHIN interval] [SUBSET subset…] DEFINE definition… ")" ;
measure = expr AS NAME ;
subset = NAME "=" names ;
definition = NAME AS expr ;
pattern = pattern_term {"|" pattern_term} ;
pattern_term = pattern_factor {pattern_factor} ;
pattern_factor = ( PERMUTE "(" pattern… ")" | NAME | "(" pattern ")" | "{" "-" pattern "-" "}" )
                 [("*" | "+" | "?" | "{" (NUMBER ["," [NUMBER]] | "," NUMBER) "}") ["?"]] ;

expr = operand {binary} ;
operand = {"+" | "-" | NOT | EXISTS | UNIQUE} primary {"." NAME ["(" ["*" | arguments] ")"]} ;
binary = ("=" | "<" | ">" | "<=" | ">=" | "<>" | "!=") [SOME | ANY | ALL] operand
       | ("+" | "-" | "*" | "/" | "%" | "||" | AND | OR | CONTAINS | OVERLAPS | EQUALS | PRECEDES | SUCCEEDS) operand
       | IMMEDIATELY (PRECEDES | SUCCEEDS) operand | MEMBER OF operand | [NOT] SUBMULTISET OF operand
       | MULTISET (UNION | INTERSECT | EXCEPT) [ALL | DISTINCT] operand
       | [NOT] IN list
       | [NOT] BETWEEN [SYMMETRIC | ASYMMETRIC] operand {inner} AND operand
       | [NOT] (LIKE | ILIKE | RLIKE | SIMILAR TO) expr [ESCAPE primary]
       | "[" expr "]" {"." NAME}
       | IS [NOT] (NULL | TRUE | FALSE | UNKNOWN | EMPTY | A SET | JSON [VALUE | OBJECT | ARRAY | SCALAR]
                  | DISTINCT FROM operand)
       | FORMAT JSON [ENCODING (UTF8 | UTF16 | UTF32)] ;
inner = !AND binary ;
list = "(" any_query {"," expr} ")" ;
primary = TRUE | FALSE | UNKNOWN | NULL | NUMBER | "?"
        | text
        | (DATE | TIME | DATETIME) TEXT
        | TIMESTAMP [WITH LOCAL TIME ZONE] TEXT
        | interval
        | [ROW] "(" any_query {"," expr} ")"
        | CASE [expr] WHEN expr… THEN expr {WHEN expr… THEN expr} [ELSE expr] END
        | special
        | (ARRAY | MAP) ("[" [expr…] "]" | "(" arguments ")")
        | MULTISET ("[" expr… "]" | "(" query ")")
        | PERIOD "(" expr "," expr ")"
        | (RUNNING | FINAL) call
        | (PREV | NEXT) "(" expr ["," NUMBER] ")"
        | NEW path "(" arguments ")"
        | call
        | context
        | path ["." "*"] ;
literal = ["-" | "+"] NUMBER | text | TRUE | FALSE | UNKNOWN | NULL | (DATE | TIME) TEXT | TIMESTAMP TEXT | interval ;
text = (TEXT | HEX) {TEXT} [UESCAPE TEXT] ;
interval = INTERVAL ["-" | "+"] ( TEXT interval_range | ("(" expr ")" | NUMBER | path) interval_start ) ;
interval_start = (YEAR | YEARS | QUARTER | QUARTERS | MONTH | MONTHS | WEEK | WEEKS | DAY | DAYS | HOUR | HOURS
                 | MINUTE | MINUTES) [precision]
               | (SECOND | SECONDS) ["(" DIGITS ["," DIGITS] ")"] ;
interval_range = (YEAR | YEARS) [precision] [TO (MONTH | MONTHS)]
        | (DAY | DAYS) [precision] [TO (HOUR | HOURS | MINUTE | MINUTES | (SECOND | SECONDS) [precision])]
        | (HOUR | HOURS) [precision] [TO (MINUTE | MINUTES | (SECOND | SECONDS) [precision])]
        | (MINUTE | MINUTES) [precision] [TO (SECOND | SECONDS) [precision]]
        | interval_start ;
precision = "(" DIGITS ")" ;
context = CURRENT_CATALOG | CURRENT_DATE | CURRENT_DEFAULT_TRANSFORM_GROUP | CURRENT_PATH | CURRENT_ROLE
        | CURRENT_SCHEMA | CURRENT_TIME | CURRENT_TIMESTAMP | CURRENT_USER | LOCALTIME | LOCALTIMESTAMP
        | SESSION_USER | SYSTEM_USER | USER ;

call = ( (ARRAY_AGG | ARRAY_CONCAT_AGG | GROUP_CONCAT | STRING_AGG)
           "(" [ALL | DISTINCT] some_arguments [null_treatment] [order_by] [SEPARATOR TEXT] ")"
       | [SPECIFIC] (reserved_function | path) "(" ("*" | (ALL | DISTINCT) some_arguments | arguments) ")" )
       [null_treatment] [WITHIN DISTINCT list] [WITHIN GROUP "(" order_by ")"] [FILTER "(" WHERE expr ")"]
       [OVER (NAME | window_spec)] ;
null_treatment = (IGNORE | RESPECT) NULLS ;
arguments = [some_arguments] ;
some_arguments = first_argument {"," argument} ;
first_argument = [NAME "=>"] (DEFAULT | TABLE path partitioning | MODEL path | any_query partitioning) ;
argument = [NAME "=>"] (DEFAULT | TABLE path partitioning | MODEL path | expr partitioning) ;
partitioning = [PARTITION BY name_or_names] [ORDER BY ("(" order… ")" | order)] ;
reserved_function = ABS | AVG | CARDINALITY | CHAR | CHAR_LENGTH | CHARACTER_LENGTH | COALESCE | COLLECT
    | COVAR_POP | COVAR_SAMP | CUME_DIST | COUNT | CURRENT_DATE | CURRENT_TIME | CURRENT_TIMESTAMP | DENSE_RANK
    | ELEMENT | EVERY | EXP | FIRST_VALUE | FUSION | INTERSECTION | GROUPING | HOUR | LAG | LEAD | LEFT
    | LAST_VALUE | LN | LOCALTIME | LOCALTIMESTAMP | LOWER | MAX | MIN | MINUTE | MOD | MONTH | NTH_VALUE | NTILE
    | NULLIF | OCTET_LENGTH | PERCENT_RANK | PERCENTILE_CONT | PERCENTILE_DISC | POWER | RANK | REGR_COUNT | REGR_SXX
    | REGR_SYY | RIGHT | ROW_NUMBER | SECOND | SOME | SQRT | STDDEV_POP | STDDEV_SAMP | SUM | UPPER | TRUNCATE | USER
    | VAR_POP | VAR_SAMP | YEAR ;
special = (CAST | TRY_CAST) "(" expr AS (INTERVAL interval_range | plain_type) ")"
        | (DATE | TIME | TIMESTAMP | DATETIME) "(" arguments ")"
        | EXTRACT "(" unit FROM expr ")"
        | POSITION "(" operand IN expr [FROM expr] ")"
        | CONVERT "(" expr USING NAME ")"
        | TRANSLATE "(" expr (USING NAME | {"," expr}) ")"
        | OVERLAY "(" expr PLACING expr FROM expr [FOR expr] ")"
        | (FLOOR | CEIL | CEILING) "(" expr [TO unit] ")" [OVER (NAME | window_spec)]
        | SUBSTRING "(" expr (FROM | ",") expr [(FOR | ",") expr] ")"
        | TRIM "(" [(BOTH | TRAILING | LEADING) [expr] FROM | expr FROM] expr ")"
        | (TIMESTAMPADD | TIMESTAMPDIFF) "(" unit "," expr "," expr ")"
        | (TIMESTAMP_DIFF | TIME_DIFF) "(" expr "," expr "," unit ")"
        | DATE_TRUNC "(" expr "," expr ")"
        | (TIMESTAMP_TRUNC | TIME_TRUNC) "(" expr "," unit ")"
        | (CLASSIFIER | MATCH_NUMBER) "(" ")"
        | JSON_EXISTS "(" json_path [(TRUE | FALSE | UNKNOWN | ERROR) ON ERROR] ")"
        | JSON_VALUE "(" json_path [RETURNING plain_type] {json_value_default ON (EMPTY | ERROR)} ")"
        | JSON_QUERY "(" json_path [RETURNING plain_type] [json_wrapper WRAPPER]
              {(ERROR | NULL | EMPTY (ARRAY | OBJECT)) ON (EMPTY | ERROR)} ")"
        | JSON_OBJECT "(" [json_pair…] [json_nulls] ")"
        | JSON_OBJECTAGG "(" json_pair [json_nulls] ")" [FILTER "(" WHERE expr ")"]
        | JSON_ARRAY "(" [json_element…] [json_nulls] ")"
        | JSON_ARRAYAGG "(" expr [order_by] [json_nulls] ")" [WITHIN GROUP "(" order_by ")"]
              [FILTER "(" WHERE expr ")"] ;
json_path = expr "," expr [PASSING json_variable…] ;
json_variable = expr AS NAME ;
json_value_default = ERROR | NULL | DEFAULT expr ;
json_wrapper = (WITHOUT | WITH [CONDITIONAL | UNCONDITIONAL]) [ARRAY] ;
json_pair = !json_nulls [KEY !json_colon] expr (VALUE | ":") expr ;
json_colon = VALUE | ":" ;
json_element = !json_nulls expr ;
json_nulls = (NULL | ABSENT) ON NULL ;
unit = WEEK "(" (SUNDAY | MONDAY | TUESDAY | WEDNESDAY | THURSDAY | FRIDAY | SATURDAY) ")" | SECOND | MINUTE | HOUR
     | DAY | MONTH | YEAR | NAME ;

type = type_name {[NOT NULL | NULL] (ARRAY | MULTISET)} [NOT NULL | NULL] ;
plain_type = type_name {ARRAY | MULTISET} ;
type_name = STRING | BYTES | VARIANT | BITMAP | BOOLEAN | TINYINT | SMALLINT | INT | INTEGER | BIGINT | REAL | FLOAT
          | DOUBLE [PRECISION] | DATE
          | ((CHAR | CHARACTER) [VARYING] | VARCHAR) [precision] [CHARACTER SET NAME]
          | (BINARY [VARYING] | VARBINARY) [precision]
          | (DECIMAL | DEC | NUMERIC | ANY) ["(" DIGITS ["," DIGITS] ")"]
          | (TIME | TIMESTAMP) [precision] [WITHOUT TIME ZONE | WITH LOCAL TIME ZONE]
          | TIMESTAMP_LTZ [precision]
          | (ARRAY | MULTISET) "<" type ">"
          | MAP "<" type "," type ">"
          | ROW ("<>" | "<" [field…] ">" | "(" [field…] ")")
          | RAW "(" text "," text ")"
          | STRUCTURED "<" text {"," field} ">"
          | path ;
field = NAME type [TEXT] ;

path = NAME {"." NAME} ;
names = "(" NAME… ")" ;
name_or_names = NAME | names ;
"""
