/** Words of the events. Queries ask for the states OR, ID and CA and for four of the channels. */
export const FIRST_NAMES = ["Ada", "Bela", "Carla", "Dmitri", "Eva", "Farid", "Greta", "Hugo", "Ines", "Jonas", "Kira"] as const;
export const LAST_NAMES = ["Abbot", "Berger", "Castle", "Dvorak", "Eriksen", "Fontaine", "Gruber", "Hansen", "Ivanova"] as const;
export const CITIES: readonly (readonly [city: string, state: string])[] = [
  ["Phoenix", "AZ"],
  ["Fresno", "CA"],
  ["Oakland", "CA"],
  ["Boise", "ID"],
  ["Nampa", "ID"],
  ["Salem", "OR"],
  ["Eugene", "OR"],
  ["Tacoma", "WA"],
  ["Spokane", "WA"],
  ["Cheyenne", "WY"],
];
export const ITEMS = ["clock", "lamp", "chair", "guitar", "camera", "vase", "watch", "bicycle", "stamp album"] as const;
/** Half of the bids come by one of these. */
export const CHANNELS = ["Google", "Facebook", "Baidu", "Apple"] as const;
export const PATHS = ["furniture", "music", "art", "sport", "books", "tools"] as const;
