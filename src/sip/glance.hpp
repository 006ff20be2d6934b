// What is seen of a SIP message at a glance, before any parser: enough to tell what is best put off when there is too much to do, and to
// refuse a request for a small part of what reading it costs. It judges nothing: a message that is let through is parsed and checked.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace phyllo::sip {

struct glance {
  enum class kind : std::uint8_t { response, ack, cancel, invite, other };
  kind what = kind::other;
  std::string_view to_tag;       // with what follows it in its line; "": none, so that no dialog is meant
  bool routed = false;           // bears a Route, as what follows a Record-Route of ours does
  std::string_view credentials;  // the first Authorization or Proxy-Authorization; "": none

  [[nodiscard]] static glance at(std::string_view message);
};

// The value of the first header field of this name or compact form (0: none), with its folds and last line end; "": there is none.
[[nodiscard]] std::string_view field_of(std::string_view message, std::string_view name, char compact);

// A parameter of credentials, without its quotes; "": none.
[[nodiscard]] std::string_view parameter_of(std::string_view credentials, std::string_view name);

// 503 with Retry-After to a request, as RFC 3261 s.8.2.6 makes an answer; `tag` for To where it has none. Empty: it is no request that can
// be answered. Never longer than the request by more than 160 octets.
[[nodiscard]] std::string unavailable_to(std::string_view request, std::string_view tag, unsigned retry_after_s);

}  // namespace phyllo::sip
