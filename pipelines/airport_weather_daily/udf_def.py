"""What an hour's measurements mean."""

from pyspark.sql.functions import udf

FOG_MILES = 1.0
WIND_MILES_AN_HOUR = 20.0


@udf(returnType="array<string>")
def conditions(visibility, wind_speed, precipitation):
    """The hour's bad weather in words, sorted: fog, rain, wind; none of them for a measurement that is missing."""
    found = []
    if visibility is not None and visibility <= FOG_MILES:
        found.append("fog")
    if precipitation is not None and precipitation > 0:
        found.append("rain")
    if wind_speed is not None and wind_speed >= WIND_MILES_AN_HOUR:
        found.append("wind")
    return found
