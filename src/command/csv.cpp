#include "csv.hpp"

#include "phyllo/node/errc.hpp"

namespace phyllo::command {
namespace {

// What follows the opening quote, up to the closing one; `rest` is left behind that.
core::result<std::string> quoted(std::string_view& rest) {
  std::string field;
  for (std::size_t i = 0; i < rest.size(); ++i) {
    if (rest[i] != '"') {
      field += rest[i];
    } else if (i + 1 < rest.size() && rest[i + 1] == '"') {
      field += rest[i++];
    } else {
      rest.remove_prefix(i + 1);
      if (!rest.empty() && rest.front() != ',') return core::fail(node::errc::malformed, "text after a closing quote");
      return field;
    }
  }
  return core::fail(node::errc::malformed, "a quote that is not closed");
}

}  // namespace

core::result<std::vector<std::string>> parse_csv_line(std::string_view line) {
  std::vector<std::string> fields;
  auto rest = line;
  while (true) {  // ends when the line does
    if (rest.starts_with('"')) {
      rest.remove_prefix(1);
      auto field = quoted(rest);
      if (!field) return core::fail(field.error());
      fields.push_back(std::move(*field));
    } else {
      const auto end = std::min(rest.find(','), rest.size());
      fields.emplace_back(rest.substr(0, end));
      rest.remove_prefix(end);
    }
    if (rest.empty()) return fields;
    rest.remove_prefix(1);  // the comma
    if (rest.empty()) fields.emplace_back();
    if (rest.empty()) return fields;
  }
}

std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string out = "\"";
  for (const auto c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

}  // namespace phyllo::command
