// Requests to this node and its answers: hands on what is new, gives a repeated request the same answer again, signs answers and sends them
// back the way their requests came (RFC 6940 s.6.2.1, s.6.2.2).
#pragma once

#include <cstddef>
#include <optional>

#include "phyllo/core/environment.hpp"
#include "reload/answer_cache.hpp"
#include "reload/link_table.hpp"
#include "reload/message.hpp"
#include "reload/message_maker.hpp"
#include "reload/message_router.hpp"
#include "reload/messenger_observer.hpp"
#include "reload/requester.hpp"

namespace phyllo::overlay {

class responder {
 public:
  // All references outlive it. `message_max`: octets of a message in this overlay.
  responder(core::environment& env, std::size_t message_max, link_table& links, const message_maker& maker, message_router& router,
            requester& own, messenger_observer& up);

  // A verified request. `arrived`: the link by which it has come now; null: it waited, or is this node's own.
  void on_request(const forwarding_header& h, opened_payload& p, const identity::certificate& signer, const std::optional<node_id>& from,
                  const transport::link* arrived);
  void respond(const received_request& r, message_contents m);
  void stop() noexcept { stopped_ = true; }  // nothing is answered any more
  // Answers to those that are not repeated any more.
  void forget(core::time_point now) { answers_.expire(now); }

 private:
  [[nodiscard]] bool seen(received_request& r);
  [[nodiscard]] forwarding_header header(const received_request& r) const;
  void send(const received_request& r, payload_ptr payload);

  core::environment& env_;
  std::size_t message_max_;
  link_table& links_;
  const message_maker& maker_;
  message_router& router_;
  requester& own_;
  messenger_observer& up_;
  answer_cache answers_;
  bool stopped_ = false;
};

}  // namespace phyllo::overlay
