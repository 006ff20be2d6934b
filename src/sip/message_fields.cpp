#include "message_fields.hpp"

#include "message_impl.hpp"

namespace phyllo::sip {

std::optional<via> top_via(const message& m) {
  const auto& all = m.vias();
  return all.empty() ? std::nullopt : std::optional<via>(all.front());
}

std::string_view top_via_text(const message& m) {
  std::vector<std::string_view> of_line;
  if (const auto* top = m.inside().first(field::via)) static_cast<void>(split_values(top->value, of_line));
  return of_line.empty() ? std::string_view() : of_line.front();
}

std::optional<address> first_route(const message& m) {
  const auto& all = m.routes();
  return all.empty() ? std::nullopt : std::optional<address>(all.front());
}

std::vector<std::string> path_texts(const message& m) {
  std::vector<std::string_view> values;
  static_cast<void>(m.inside().values(field::path, values));
  std::vector<std::string> out;
  for (const auto value : values) out.push_back(unfolded(value));
  return out;
}

std::vector<std::string_view> option_tags(const message& m, field id) {
  std::vector<std::string_view> out;
  static_cast<void>(m.inside().values(id, out));
  return out;
}

std::vector<credentials> credentials_in(const message& m, field id) {
  std::vector<credentials> out;
  for (const auto& line : m.inside().lines) {
    if (line.id == id) out.push_back(parse_credentials(m.inside().home(), line.value).value_or(credentials{}));
  }
  return out;
}

}  // namespace phyllo::sip
