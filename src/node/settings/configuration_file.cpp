// The only file that knows TOML.
#include <fmt/format.h>

#include <toml++/toml.h>
#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <sstream>
#include <type_traits>

#include "phyllo/disk/private_file.hpp"
#include "phyllo/node/nearest.hpp"
#include "settings/configuration_fields.hpp"

namespace phyllo::node {
namespace {

// Where a key stands; line 0: nowhere (a default).
struct place {
  std::string file;
  unsigned line = 0;
  unsigned column = 0;

  [[nodiscard]] std::string text() const { return line == 0 ? file : fmt::format("{}:{}:{}", file, line, column); }
  friend bool operator==(const place&, const place&) = default;
};

using places = std::map<std::string, place>;

// All that is wrong, to be told at once.
class wrongs {
 public:
  void add(const place& at, std::string_view key, std::string_view what) {
    places_.push_back(at);
    lines_.emplace(std::pair(at.line, at.column), fmt::format("{}: {}{}{}", at.text(), key, key.empty() ? "" : ": ", what));
  }
  // What the file leaves out is told last.
  void add_missing(const place& at, std::string_view key, std::string_view what) {
    missing_.push_back(fmt::format("{}: {}: {}", at.text(), key, what));
  }
  [[nodiscard]] bool has(const place& at) const { return std::ranges::find(places_, at) != places_.end(); }
  [[nodiscard]] core::status status() const {
    std::vector<std::string> all;
    for (const auto& [at, text] : lines_) all.push_back(text);
    all.insert(all.end(), missing_.begin(), missing_.end());
    if (all.empty()) return {};
    return core::fail(errc::configuration, fmt::format("{}", fmt::join(all, "\n")));
  }

 private:
  std::vector<place> places_;
  std::multimap<std::pair<unsigned, unsigned>, std::string> lines_;  // by line and column
  std::vector<std::string> missing_;
};

std::string shown(const toml::node& n) {
  if (n.is_table()) return "a table";
  if (const auto* list = n.as_array()) {
    for (const auto& item : *list) {
      if (!item.is_string()) return "a list with " + shown(item) + " in it";
    }
    return "a list";
  }
  std::ostringstream out;
  n.visit([&](const auto& v) {
    if constexpr (toml::is_value<decltype(v)>) out << v.get();
  });
  const auto text = out.str();
  return n.is_string() ? fmt::format("\"{}\"", text) : text;
}

template <class T>
constexpr bool is_span = false;
template <class Rep, class Period>
constexpr bool is_span<std::chrono::duration<Rep, Period>> = true;

// What the field of a key takes, in words.
template <class T>
std::string expected_of(std::string_view key) {
  if constexpr (std::is_same_v<T, std::string>)
    return "a string in quotes";
  else if constexpr (std::is_same_v<T, bool>)
    return "true or false";
  else if constexpr (std::is_same_v<T, std::vector<std::string>>)
    return "a list of strings in brackets";
  else if constexpr (std::is_same_v<T, std::uint16_t>)
    return "a number from 0 to 65535";
  else if constexpr (is_span<T>)
    return key.ends_with("_ms") ? "a number of milliseconds" : "a number of seconds";
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

// A rate: whole all the same.
bool take(const toml::node& n, double& to) {
  unsigned whole = 0;
  if (!take(n, whole)) return false;
  to = whole;
  return true;
}

template <class T>
bool take(const toml::node& n, std::string_view, T& to) {
  return take(n, to);
}

// A time: the key ends in the unit that its number counts.
template <class Rep, class Period>
bool take(const toml::node& n, std::string_view key, std::chrono::duration<Rep, Period>& to) {
  using span = std::chrono::duration<Rep, Period>;
  constexpr std::int64_t span_max = 1'000'000'000;  // 31 years of seconds: arithmetic on time points stays in range
  const auto* v = n.as_integer();
  if (v == nullptr || v->get() < 0 || v->get() > span_max) return false;
  const auto number = v->get();
  to = key.ends_with("_ms") ? std::chrono::duration_cast<span>(std::chrono::milliseconds(number))
                            : std::chrono::duration_cast<span>(std::chrono::seconds(number));
  return true;
}

// Sets the field of one key, or says what the key takes. Nothing: no such key.
std::optional<std::string> expected_unless_set(configuration& c, const std::string& key, const toml::node& n, bool& known) {
  std::optional<std::string> expected;
  for_each_field(c, [&]<class T>(const char* name, T& member) {
    if (key != name) return;
    known = true;
    if (!take(n, key, member)) expected = expected_of<T>(key);
  });
  return expected;
}

std::string section_of(const std::string& key) { return key.substr(0, key.rfind('.')); }

std::vector<std::string> sections() {
  std::vector<std::string> out;
  for (const auto& key : configuration_keys()) {
    if (out.empty() || out.back() != section_of(key)) out.push_back(section_of(key));
  }
  return out;
}

void set(configuration& c, const std::string& key, const toml::node& n, const place& at, wrongs& out) {
  bool known = false;
  const auto expected = expected_unless_set(c, key, n, known);
  if (!known && n.is_table())
    return out.add(at, {}, fmt::format("[{}]: unknown section; the nearest is [{}]", key, nearest(key, sections())));
  if (!known) return out.add(at, key, fmt::format("unknown key; the nearest is {}", nearest_key(key, configuration_keys())));
  if (expected) out.add(at, key, fmt::format("expected {}, not {}", *expected, shown(n)));
}

constexpr std::size_t overlays_max = 16;

// Under which the place of a key of the [[overlay]] of that index is kept.
std::string place_key(const std::string& key, std::size_t overlay) { return overlay == 0 ? key : fmt::format("{}#{}", key, overlay); }

bool has_keys_below(const std::string& section) {
  return std::ranges::any_of(configuration_keys(), [&](const std::string& k) { return k.starts_with(section + "."); });
}

class file_reader {
 public:
  file_reader(configuration& c, std::string file, places& known, wrongs& out)
      : configuration_(c), file_(std::move(file)), places_(known), wrongs_(out) {}

  void read(const toml::table& table, const std::string& prefix = {}) {
    for (const auto& [name, node] : table) {
      const auto key = prefix + std::string(name.str());
      const auto at = place_of(name);
      const auto* inner = node.as_table();
      if (key == "overlay" && node.is_array_of_tables()) {
        read_overlays(*node.as_array());
      } else if (inner != nullptr && has_keys_below(key)) {
        read(*inner, key + ".");
      } else {
        set(configuration_, key, node, at, wrongs_);
        places_[key] = at;
      }
    }
  }

 private:
  template <class Node>
  [[nodiscard]] place place_of(const Node& n) const {
    return {file_, static_cast<unsigned>(n.source().begin.line), static_cast<unsigned>(n.source().begin.column)};
  }

  // [[overlay]]: the first is [overlay], of the others each is read as if it were.
  void read_overlays(const toml::array& tables) {
    for (std::size_t i = 0; i < tables.size(); ++i) {
      const auto& table = *tables[i].as_table();
      if (i >= overlays_max) return wrongs_.add(place_of(table), "overlay", fmt::format("expected at most {} of them", overlays_max));
      configuration one;
      places of_one;
      file_reader into(i == 0 ? configuration_ : one, file_, i == 0 ? places_ : of_one, wrongs_);
      into.read(table, "overlay.");
      places_[place_key("overlay", i)] = place_of(table);
      if (i == 0) continue;
      configuration_.further_overlays.push_back(std::move(one.overlay));
      for (const auto& [key, at] : of_one) places_[place_key(key, i)] = at;
    }
  }

  configuration& configuration_;
  std::string file_;
  places& places_;
  wrongs& wrongs_;
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

void apply(configuration& c, const overrides& o, places& known, wrongs& out) {
  for (const auto& text : o) {
    const auto split = text.find('=');
    const place at{"--set " + text, 0, 0};
    if (split == std::string::npos) {
      out.add(at, {}, "expected KEY=VALUE");
      continue;
    }
    const auto key = text.substr(0, split);
    const auto value = value_of(c, key, text.substr(split + 1));
    set(c, key, *value.get("v"), at, out);
    known[key] = at;
  }
}

std::string line_of(const std::string& text, unsigned number) {
  std::istringstream in(text);
  std::string line;
  for (unsigned i = 0; i < number && std::getline(in, line); ++i) {
  }
  const bool printable = std::ranges::all_of(line, [](char c) { return static_cast<unsigned char>(c) >= ' ' && c < 127; });
  return printable && line.size() <= 200 ? line : std::string();
}

// The library's words are for who knows TOML.
std::string explained(std::string_view description, const std::string& line) {
  constexpr std::string_view again = "cannot redefine existing ";
  if (const auto at = description.find(again); at != std::string_view::npos) {
    const auto rest = description.substr(at + again.size());
    const auto name = rest.substr(rest.find('\''));
    if (rest.starts_with("table")) return fmt::format("the section {} is there twice; put its keys under one heading", name);
    return fmt::format("the key {} is there twice in its section; take one out", name);
  }
  constexpr std::string_view rule = R"(expected KEY = VALUE, where VALUE is "text" in quotes, a number, true, false, or a list ["a", "b"])";
  if (line.empty()) return fmt::format("this is no TOML; {} ({})", rule, description);
  return fmt::format("{}: {} ({})", line, rule, description);
}

// Types and names; `known` says where each key stands. Nothing: it is no TOML.
std::optional<configuration> read_keys(const std::string& text, const std::string& file, const overrides& o, places& known, wrongs& out) {
  configuration c;
  try {
    const auto table = toml::parse(text, file);
    file_reader(c, file, known, out).read(table);
  } catch (const toml::parse_error& e) {
    const place at{file, static_cast<unsigned>(e.source().begin.line), static_cast<unsigned>(e.source().begin.column)};
    out.add(at, {}, explained(e.description(), line_of(text, at.line)));
    return std::nullopt;
  }
  apply(c, o, known, out);
  return c;
}

// Under the place where it is set, or else where it should be.
void tell(const complaint& bad, const std::string& file, const places& known, wrongs& out) {
  const auto at = known.find(place_key(bad.key, bad.overlay));
  if (at != known.end() && out.has(at->second)) return;  // it has not the value that stands there
  if (at != known.end()) return out.add(at->second, bad.key, "expected " + bad.expected);
  const auto table = known.find(place_key("overlay", bad.overlay));
  const bool of_overlay = bad.key.starts_with("overlay.") && table != known.end();
  const auto where = of_overlay ? table->second : place{file, 1, 1};
  out.add_missing(where, bad.key, fmt::format("expected {} (the key is not set)", bad.expected));
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
  wrongs out;
  auto c = read_keys(text, file, o, known, out);
  if (auto good = out.status(); !good) return core::fail(good.error());
  return *std::move(c);
}

core::result<configuration> parse_configuration(const std::string& text, const std::string& file, const overrides& o) {
  places known;
  wrongs out;
  auto c = read_keys(text, file, o, known, out);
  if (c) {
    for (const auto& bad : validate(*c)) tell(bad, file, known, out);
  }
  if (auto good = out.status(); !good) return core::fail(good.error());
  return *std::move(c);
}

core::result<configuration> read_configuration(const std::string& file, const overrides& o) {
  const auto text = disk::read_file(file);
  const auto why = text ? file + ": cannot be read: there is no such file" : text.error().detail();
  if (!text || !*text) return core::fail(errc::configuration, why + "; name the file with --config FILE");
  return parse_configuration(**text, file, o);
}

}  // namespace phyllo::node
