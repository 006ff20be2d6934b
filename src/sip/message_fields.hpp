// What more the header fields of a message say (message.hpp).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "headers_field.hpp"
#include "message.hpp"

namespace phyllo::sip {

// nullopt, "": there is none.
[[nodiscard]] std::optional<via> top_via(const message& m);
[[nodiscard]] std::string_view top_via_text(const message& m);  // as written
[[nodiscard]] std::optional<address> first_route(const message& m);

// Each Path value as text, by itself: what a binding stores.
[[nodiscard]] std::vector<std::string> path_texts(const message& m);
// Of Supported, Require or Proxy-Require.
[[nodiscard]] std::vector<std::string_view> option_tags(const message& m, field id);
// Of Authorization or Proxy-Authorization. Malformed ones keep their place, with no scheme, so that an index names a line.
[[nodiscard]] std::vector<credentials> credentials_in(const message& m, field id);

}  // namespace phyllo::sip
