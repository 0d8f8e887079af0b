"""Python functions of the pipeline, found by their decorators and called from transform.sql by their names."""

from math import asin, cos, radians, sin, sqrt

from pyflink.table import DataTypes
from pyflink.table.udf import udf

MEAN_EARTH_RADIUS_KM = 6371.0088


@udf(result_type=DataTypes.DOUBLE())
def great_circle_km(latitude_1, longitude_1, latitude_2, longitude_2):
    """Distance between two places on the earth in km (haversine formula); null where a coordinate is unknown."""
    if None in (latitude_1, longitude_1, latitude_2, longitude_2):
        return None
    phi_1, phi_2 = radians(latitude_1), radians(latitude_2)
    half_chord = (
        sin((phi_2 - phi_1) / 2) ** 2 + cos(phi_1) * cos(phi_2) * sin(radians(longitude_2 - longitude_1) / 2) ** 2
    )
    return 2 * MEAN_EARTH_RADIUS_KM * asin(sqrt(half_chord))
