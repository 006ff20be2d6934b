// The caller's messages (RFC 3261 s.8.1.1, s.12.2.1.1): INVITE with an offer, ACK of a refusal, ACK of a 200, BYE.
#pragma once

#include "message_template.hpp"
#include "sip_client.hpp"

namespace phyllo::load {

struct call_texts {
  explicit call_texts(const sip_client_settings& s);

  message_template invite;
  message_template ack_refusal;  // of the INVITE's own transaction
  message_template ack;
  message_template bye;
};

}  // namespace phyllo::load
