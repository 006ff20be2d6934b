// The only file that knows TOML.
#include <fmt/format.h>

#include <toml++/toml.h>
#include <algorithm>
#include <limits>
#include <map>
#include <sstream>
#include <type_traits>

#include "configuration_fields.hpp"
#include "data_directory.hpp"
#include "nearest.hpp"

namespace phyllo::node {
namespace {

// Where a key stands; line 0: nowhere (a default).
struct place {
  std::string file;
  unsigned line = 0;
  unsigned column = 0;

  [[nodiscard]] std::string text() const { return line == 0 ? file : fmt::format("{}:{}:{}", file, line, column); }
};

using places = std::map<std::string, place>;

std::unexpected<core::error> wrong(const place& at, std::string_view key, std::string_view what) {
  return core::fail(errc::configuration,
                    key.empty() ? fmt::format("{}: {}", at.text(), what) : fmt::format("{}: {}: {}", at.text(), key, what));
}

std::string shown(const toml::node& n) {
  if (n.is_table()) return "a table";
  if (n.is_array()) return "a list";
  std::ostringstream out;
  n.visit([&](const auto& v) {
    if constexpr (toml::is_value<decltype(v)>) out << v.get();
  });
  const auto text = out.str();
  return n.is_string() ? fmt::format("\"{}\"", text) : text;
}

// What a field takes, in words.
template <class T>
std::string expected_of() {
  if constexpr (std::is_same_v<T, std::string>)
    return "a string in quotes";
  else if constexpr (std::is_same_v<T, bool>)
    return "true or false";
  else if constexpr (std::is_same_v<T, std::vector<std::string>>)
    return "a list of strings in brackets";
  else if constexpr (std::is_same_v<T, std::uint16_t>)
    return "a number from 0 to 65535";
  else if constexpr (std::is_same_v<T, std::chrono::seconds>)
    return "a number of seconds";
  else if constexpr (std::is_same_v<T, std::chrono::milliseconds>)
    return "a number of milliseconds";
  else
    return "a whole number, 0 or more";
}

bool take(const toml::node& n, std::string& to) {
  if (const auto* v = n.as_string()) return to = v->get(), true;
  return false;
}

bool take(const toml::node& n, bool& to) {
  if (const auto* v = n.as_boolean()) return to = v->get(), true;
  return false;
}

bool take(const toml::node& n, std::vector<std::string>& to) {
  const auto* list = n.as_array();
  if (list == nullptr) return false;
  to.clear();
  for (const auto& item : *list) {
    if (!item.is_string()) return false;
    to.push_back(item.as_string()->get());
  }
  return true;
}

template <class T>
  requires std::is_unsigned_v<T>
bool take(const toml::node& n, T& to) {
  const auto* v = n.as_integer();
  if (v == nullptr || v->get() < 0 || static_cast<std::uint64_t>(v->get()) > std::numeric_limits<T>::max()) return false;
  to = static_cast<T>(v->get());
  return true;
}

template <class Rep, class Period>
bool take(const toml::node& n, std::chrono::duration<Rep, Period>& to) {
  constexpr std::int64_t span_max = 1'000'000'000;  // 31 years of seconds: arithmetic on time points stays in range
  const auto* v = n.as_integer();
  if (v == nullptr || v->get() < 0 || v->get() > span_max) return false;
  to = std::chrono::duration<Rep, Period>(v->get());
  return true;
}

// Sets the field of one key, or says what the key takes. Nothing: no such key.
std::optional<std::string> expected_unless_set(configuration& c, const std::string& key, const toml::node& n, bool& known) {
  std::optional<std::string> expected;
  for_each_field(c, [&]<class T>(const char* name, T& member) {
    if (key != name) return;
    known = true;
    if (!take(n, member)) expected = expected_of<T>();
  });
  return expected;
}

core::status set(configuration& c, const std::string& key, const toml::node& n, const place& at) {
  bool known = false;
  const auto expected = expected_unless_set(c, key, n, known);
  if (!known) return wrong(at, key, fmt::format("unknown key; the nearest is {}", nearest(key, configuration_keys())));
  if (expected) return wrong(at, key, fmt::format("expected {}, not {}", *expected, shown(n)));
  return {};
}

constexpr std::size_t overlays_max = 16;

// Under which the place of a key of the [[overlay]] of that index is kept.
std::string place_key(const std::string& key, std::size_t overlay) { return overlay == 0 ? key : fmt::format("{}#{}", key, overlay); }

bool has_keys_below(const std::string& section) {
  return std::ranges::any_of(configuration_keys(), [&](const std::string& k) { return k.starts_with(section + "."); });
}

class file_reader {
 public:
  file_reader(configuration& c, std::string file, places& known) : configuration_(c), file_(std::move(file)), places_(known) {}

  core::status read(const toml::table& table, const std::string& prefix = {}) {
    for (const auto& [name, node] : table) {
      const auto key = prefix + std::string(name.str());
      const auto at = place_of(name);
      if (key == "overlay" && node.is_array_of_tables()) {
        if (auto done = read_overlays(*node.as_array()); !done) return done;
        continue;
      }
      if (const auto* inner = node.as_table(); inner != nullptr && has_keys_below(key)) {
        if (auto done = read(*inner, key + "."); !done) return done;
        continue;
      }
      if (auto done = set(configuration_, key, node, at); !done) return done;
      places_[key] = at;
    }
    return {};
  }

 private:
  template <class Node>
  [[nodiscard]] place place_of(const Node& n) const {
    return {file_, static_cast<unsigned>(n.source().begin.line), static_cast<unsigned>(n.source().begin.column)};
  }

  // [[overlay]]: the first is [overlay], of the others each is read as if it were.
  core::status read_overlays(const toml::array& tables) {
    for (std::size_t i = 0; i < tables.size(); ++i) {
      const auto& table = *tables[i].as_table();
      configuration one;
      places of_one;
      file_reader into(i == 0 ? configuration_ : one, file_, i == 0 ? places_ : of_one);
      if (i >= overlays_max) return wrong(place_of(table), "overlay", fmt::format("expected at most {} of them", overlays_max));
      if (auto done = into.read(table, "overlay."); !done) return done;
      places_[place_key("overlay", i)] = place_of(table);
      if (i == 0) continue;
      configuration_.further_overlays.push_back(std::move(one.overlay));
      for (const auto& [key, at] : of_one) places_[place_key(key, i)] = at;
    }
    return {};
  }

  configuration& configuration_;
  std::string file_;
  places& places_;
};

// The value of KEY=VALUE as TOML: text that is no TOML is a string, a,b,c for a list is one.
toml::table value_of(configuration& c, const std::string& key, const std::string& text) {
  const auto quoted = [](const std::string& s) { return toml::table{{"v", s}}; };
  bool is_text = false;
  bool is_list = false;
  for_each_field(c, [&]<class T>(const char* name, T&) {
    if (key != name) return;
    is_text = std::is_same_v<T, std::string>;
    is_list = std::is_same_v<T, std::vector<std::string>>;
  });
  if (is_text && !text.starts_with('"') && !text.starts_with('\'')) return quoted(text);
  if (is_list && !text.starts_with('[')) {
    toml::array items;
    std::istringstream in(text);
    for (std::string item; std::getline(in, item, ',');) items.push_back(item);
    return toml::table{{"v", std::move(items)}};
  }
  try {
    return toml::parse("v = " + text);
  } catch (const toml::parse_error&) {
    return quoted(text);
  }
}

core::status apply(configuration& c, const overrides& o, places& known) {
  for (const auto& text : o) {
    const auto split = text.find('=');
    const place at{"--set " + text, 0, 0};
    if (split == std::string::npos) return wrong(at, {}, "expected KEY=VALUE");
    const auto key = text.substr(0, split);
    const auto value = value_of(c, key, text.substr(split + 1));
    if (auto done = set(c, key, *value.get("v"), at); !done) return done;
    known[key] = at;
  }
  return {};
}

core::result<configuration> read_keys(const std::string& text, const std::string& file, const overrides& o, places& known) {
  configuration c;
  try {
    const auto table = toml::parse(text, file);
    if (auto done = file_reader(c, file, known).read(table); !done) return core::fail(done.error());
  } catch (const toml::parse_error& e) {
    const place at{file, static_cast<unsigned>(e.source().begin.line), static_cast<unsigned>(e.source().begin.column)};
    return wrong(at, {}, e.description());
  }
  if (auto done = apply(c, o, known); !done) return core::fail(done.error());
  return c;
}

}  // namespace

std::vector<std::string> configuration_keys() {
  std::vector<std::string> keys;
  configuration c;
  for_each_field(c, [&](const char* name, auto&) { keys.emplace_back(name); });
  std::ranges::sort(keys);
  return keys;
}

core::result<configuration> parse_keys(const std::string& text, const std::string& file, const overrides& o) {
  places known;
  return read_keys(text, file, o, known);
}

core::result<configuration> parse_configuration(const std::string& text, const std::string& file, const overrides& o) {
  places known;
  auto c = read_keys(text, file, o, known);
  if (!c) return c;
  if (const auto wrong_key = validate(*c)) {
    const auto at = known.find(place_key(wrong_key->key, wrong_key->overlay));
    if (at != known.end()) return wrong(at->second, wrong_key->key, "expected " + wrong_key->expected);
    const auto table = known.find(place_key("overlay", wrong_key->overlay));  // where it should be set
    const bool of_overlay = wrong_key->key.starts_with("overlay.") && table != known.end();
    const auto where = of_overlay ? table->second : place{file, 1, 1};
    return wrong(where, wrong_key->key, fmt::format("expected {} (the key is not set)", wrong_key->expected));
  }
  return c;
}

core::result<configuration> read_configuration(const std::string& file, const overrides& o) {
  const auto text = read_file(file);
  const auto why = text ? file + ": cannot be read: there is no such file" : text.error().detail();
  if (!text || !*text) return core::fail(errc::configuration, why + "; name the file with --config FILE");
  return parse_configuration(**text, file, o);
}

}  // namespace phyllo::node
