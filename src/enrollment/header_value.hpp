// A header's value with parameters: `form-data; name="csr"; filename="my.csr"` (RFC 9110 s.5.6.6).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace phyllo::enrollment {

struct header_value {
  std::string value;                              // lower case
  std::map<std::string, std::string> parameters;  // names in lower case, each once; values unquoted

  [[nodiscard]] static std::optional<header_value> parse(std::string_view text);
  [[nodiscard]] const std::string* parameter(const std::string& name) const;
};

[[nodiscard]] std::string lower(std::string_view text);

}  // namespace phyllo::enrollment
