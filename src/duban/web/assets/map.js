import L from "leaflet";

// The points come from the list that stands beside the map, so that both always say the same.
function draw(place) {
  const points = [...document.querySelectorAll(`${place.dataset.map} [data-lat]`)];
  if (!points.length) return place.remove();
  const map = L.map(place, { scrollWheelZoom: false, attributionControl: Boolean(place.dataset.tiles), zoomControl: true });
  if (place.dataset.tiles) L.tileLayer(place.dataset.tiles).addTo(map);
  const marks = points.map((point) => {
    const mark = L.circleMarker([Number(point.dataset.lat), Number(point.dataset.lng)], { className: `point point-${point.dataset.tone || "plain"}`, radius: 8, weight: 2, fillOpacity: 0.85 });
    const told = document.createElement("a");
    told.href = point.dataset.href;
    told.textContent = point.dataset.name;
    mark.bindPopup(told);
    return mark.addTo(map);
  });
  // Without background tiles the towns' own names say where one is.
  const towns = new Map();
  for (const point of points) {
    if (!point.dataset.place) continue;
    const found = towns.get(point.dataset.place) ?? [];
    towns.set(point.dataset.place, [...found, [Number(point.dataset.lat), Number(point.dataset.lng)]]);
  }
  for (const [name, found] of towns) {
    const north = Math.max(...found.map(([lat]) => lat));
    const middle = found.reduce((sum, [, lng]) => sum + lng, 0) / found.length;
    L.tooltip([north, middle], { permanent: true, direction: "top", className: "town-name", offset: [0, -8] }).setContent(Object.assign(document.createElement("span"), { textContent: name })).addTo(map);
  }
  map.fitBounds(L.featureGroup(marks).getBounds().pad(0.15), { maxZoom: 15 });
}

document.querySelectorAll("[data-map]").forEach(draw);
