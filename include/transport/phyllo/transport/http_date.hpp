// The Date field of HTTP (RFC 9110 s.5.6.7 and s.6.6.1).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "phyllo/core/time.hpp"

namespace phyllo::transport {

// IMF-fixdate: "Sun, 06 Nov 1994 08:49:37 GMT".
[[nodiscard]] std::string print_http_date(core::wall_time t);

// Nothing: no IMF-fixdate of 1970 to 2199, a day that there is not, or the wrong name of a day. The two obsolete forms are not read: what
// is dated so tells no time.
[[nodiscard]] std::optional<core::wall_time> parse_http_date(std::string_view text);

}  // namespace phyllo::transport
