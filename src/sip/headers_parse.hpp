// The bridge to sofia-sip's header classes: cuts a field's list into values and has one value parsed.
#pragma once

#include <sofia-sip/msg_types.h>
#include <sofia-sip/su_alloc.h>
#include <sofia-sip/url.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "headers.hpp"

namespace phyllo::sip {

struct home_release {
  void operator()(su_home_t* home) const noexcept { su_home_unref(home); }
};
// The memory of parsed values: it only grows, until it is released.
using home_ptr = std::unique_ptr<su_home_t, home_release>;
[[nodiscard]] home_ptr make_home();

// A field's comma-separated values, trimmed: commas in quotes and angle brackets separate nothing. False: a quote or
// bracket that does not close, or an empty value; what was found before is in `out`.
[[nodiscard]] bool split_values(std::string_view text, std::vector<std::string_view>& out);

// One value, without its folds, through the parser of `hclass`; null when it is malformed. Lives as long as `home`.
[[nodiscard]] msg_header_t* parse_value(su_home_t* home, msg_hclass_t* hclass, std::string_view text);

// "name=value" of a sofia parameter list, without case; nullopt when absent.
[[nodiscard]] std::optional<std::string_view> find_parameter(const msg_param_t* parameters, std::string_view name) noexcept;

// A SIP or SIPS URI as sofia split it. errc::malformed.
[[nodiscard]] core::result<uri> from_url(const url_t& parsed);

// Each nullopt when malformed. They take one value of split_values, or a whole line for From, To, CSeq.
[[nodiscard]] std::optional<via> parse_via(su_home_t* home, std::string_view text);
[[nodiscard]] std::optional<address> parse_address(su_home_t* home, std::string_view text);
// The URIs of a list of addresses, those that parse.
[[nodiscard]] std::vector<uri> uris_of(std::string_view text);
[[nodiscard]] std::optional<contact> parse_contact(su_home_t* home, std::string_view text);
[[nodiscard]] std::optional<cseq> parse_cseq(std::string_view text);
[[nodiscard]] std::optional<credentials> parse_credentials(su_home_t* home, std::string_view text);
// The Via value with its received and rport parameters replaced; a port of 0: no rport.
[[nodiscard]] std::string stamp_via(su_home_t* home, std::string_view text, std::string_view received, std::uint16_t rport);
[[nodiscard]] std::optional<std::uint32_t> parse_number(std::string_view text) noexcept;

}  // namespace phyllo::sip
