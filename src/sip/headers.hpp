// What the header fields that a proxy and a registrar read look like, parsed (RFC 3261 s.20).
//
// Views point into the message that gave them: they live as long as it does, edits included.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "uri.hpp"

namespace phyllo::sip {

enum class method : std::uint8_t {
  other,  // any token not below; message::method_name() has it
  invite,
  ack,
  bye,
  cancel,
  options,
  register_,
  info,
  prack,
  update,
  message,
  subscribe,
  notify,
  refer,
  publish,
};

[[nodiscard]] std::string_view name_of(method m) noexcept;  // "INVITE"; "" for other
[[nodiscard]] method method_of(std::string_view name) noexcept;

struct via {                   // s.20.42
  std::string_view transport;  // "UDP", "TCP", "TLS", ... as written
  std::string_view host;       // of sent-by
  std::uint16_t port = 0;      // of sent-by; 0: absent
  std::string_view branch;     // "" when absent
  std::string_view received;
  std::string_view maddr;
  bool has_rport = false;   // RFC 3581: asked for, or filled in
  std::uint16_t rport = 0;  // 0: not filled in

  // RFC 3261 s.8.1.1.7: the branch is unique across space and time.
  [[nodiscard]] bool has_magic_cookie() const noexcept;
};

struct address {             // To, From, Route, Record-Route, Path: name-addr
  std::string_view display;  // as written, quotes included
  sip::uri uri;
  std::string_view tag;  // To and From
};

struct contact {      // s.20.10
  bool star = false;  // "*"; nothing else is set then
  sip::uri uri;
  std::uint16_t q_thousandths = 1000;
  std::optional<std::uint32_t> expires;  // malformed: 3600 (s.10.3 step 7 would let it be 3600)
  std::string_view instance;             // +sip.instance without quotes: "<urn:uuid:...>"; "" when absent
  std::uint32_t reg_id = 0;              // RFC 5626; 0: absent
  std::string features;                  // all other parameters (RFC 3840) as written: ";audio;methods=\"INVITE\""
};

struct cseq {
  std::uint32_t number = 0;
  std::string_view method;
};

struct credentials {                                                      // Authorization, Proxy-Authorization
  std::string_view scheme;                                                // "Digest"
  std::vector<std::pair<std::string_view, std::string_view>> parameters;  // as written, quotes included

  // Without quotes and with quoted pairs resolved; nullopt when absent.
  [[nodiscard]] std::optional<std::string> get(std::string_view name) const;
};

}  // namespace phyllo::sip
