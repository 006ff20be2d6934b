// What a REGISTER does to a user's bindings (RFC 3261 s.10.3 steps 6 to 8, RFC 5626 s.6): pure.
//
// Deviations: a contact with +sip.instance but no reg-id is identified by its instance as well (s.10.3 goes by the URI
// alone), so that a phone that restarts on another port leaves nothing dead behind.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "binding.hpp"
#include "phyllo/sip/service_settings.hpp"

namespace phyllo::sip {

struct requested_contact {
  sip::uri uri;
  std::uint16_t q_thousandths = 1000;
  std::optional<std::uint32_t> expires;
  std::string instance;
  std::uint32_t reg_id = 0;
  std::string features{};
};

// What the registrar read from the request.
struct registration_request {
  std::string call_id;
  std::uint32_t cseq = 0;
  std::optional<std::uint32_t> expires;  // the header field
  bool star = false;                     // Contact: *
  std::vector<requested_contact> contacts;
  std::vector<std::string> path;  // of the request, and this node's own URI
  bool this_node_only = false;    // nobody else reaches the phone, and it does not see by itself that this node has died (RFC 5626)
};

struct registration_plan {
  int status = 200;
  std::string phrase;                               // empty: the RFC's
  std::optional<std::chrono::seconds> min_expires;  // with 423
  std::vector<binding> bindings;                    // what holds afterwards
  std::vector<binding> store;                       // of these, the ones whose record is to be written
  std::vector<overlay::binding> remove;             // records to be removed
};

// `current`: every unexpired binding known of the user. With a status other than 200 nothing changes.
[[nodiscard]] registration_plan plan_registration(const registration_request& r, const std::vector<binding>& current,
                                                  const registration_settings& limits, core::wall_time now);

// How long the record of a binding of `granted` lives: twice as long, so that a refresh in time needs no new record.
[[nodiscard]] std::chrono::seconds record_lifetime(std::chrono::seconds granted) noexcept;

}  // namespace phyllo::sip
