// RELOAD's message layer at one node: takes messages from links, forwards, holds or delivers them, verifies what is
// delivered, matches answers with requests (RFC 6940 s.6.1, s.6.2, s.6.3.4). It starts no coroutine: forwarding is
// one pass from a link to a link.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "phyllo/core/environment.hpp"
#include "phyllo/core/log.hpp"
#include "phyllo/core/metrics.hpp"
#include "phyllo/identity/certificate.hpp"
#include "phyllo/identity/trust.hpp"
#include "reload/answer_cache.hpp"
#include "reload/certificate_store.hpp"
#include "reload/link_table.hpp"
#include "reload/message.hpp"
#include "reload/message_counters.hpp"
#include "reload/message_maker.hpp"
#include "reload/message_router.hpp"
#include "reload/request_table.hpp"
#include "reload/topology.hpp"

namespace phyllo::overlay {

// A verified request, and what an answer to it needs.
struct received_request {
  message_contents contents;  // certificates: those of the bucket but the signer's
  identity::certificate signer;
  std::optional<resource_id> resource;
  std::optional<node_id> link_peer;  // by whose link; none: this node's own
  bool direct = false;               // on a link whose peer is the signer, with no hop between
  // The link that a direct one came by, where its node has another that is preferred: two processes may have one Node-ID.
  std::weak_ptr<transport::link> by{};
  std::uint64_t transaction = 0;
  std::uint8_t ttl = 0;
  std::uint32_t max_response_length = 0;
  bool remember = false;  // its answer goes into the cache
  destination_list return_path;
  std::vector<forwarding_option> copied_options;  // for the answer
};

// Its code is the request's, and one.
[[nodiscard]] message_contents answer_to(const received_request& r, core::bytes body = {});

// What the message layer notices of those that this node has links to: for the topology.
class neighbour_observer {
 public:
  virtual ~neighbour_observer() = default;
  virtual void on_heard(const node_id& n) = 0;                                // a message came by its link
  virtual void on_overdue(const node_id& n) = 0;                              // its link owes an ACK
  virtual void on_link_closed(const node_id& n, const core::error& why) = 0;  // the last one to it
  // Of the peer of a link, on it: dropped because its certificate is not valid by this node's clock; believed, after that.
  virtual void on_unjudged(const node_id& n, const message_contents& m) = 0;
  virtual void on_judged(const node_id& n) = 0;
  // A request that went to `n` by its own link came to nothing.
  virtual void on_unanswered(const node_id& n) = 0;
};

// What the message layer tells the node whose messages it carries.
class messenger_observer {
 public:
  virtual ~messenger_observer() = default;
  virtual void on_request(received_request r) = 0;
  // `who` refused a request of ours for its configuration's sake; `too_old`: ours is.
  virtual void on_configuration_differs(const node_id& who, bool too_old) = 0;
  // A request with an older configuration than ours came from there.
  virtual void on_old_configuration(destination_list return_path, const node_id& who) = 0;
  // `who`, which was heard now, has a newer configuration than this node.
  virtual void on_new_configuration(const node_id& who) = 0;
  // A message of `n`, as its lists say, waits for its signer's certificate, until release_strangers(n).
  virtual void on_unknown_signer(const node_id& n) = 0;
  virtual void on_agenda_changed() = 0;  // next_due() may be earlier now
};

struct messenger_options {
  std::uint8_t initial_ttl = 30;
  core::duration end_to_end_timer = std::chrono::seconds(1);
  unsigned sends_max = 5;
  std::size_t message_max = 65536;
  bool forwards = true;  // an ordinary node does nothing for others
};

class messenger final : public transport::link_observer, private router_observer {
 public:
  // All references outlive it.
  messenger(core::environment& env, messenger_options options, std::shared_ptr<const identity::credential> self, topology& where,
            link_table& links, const identity::trust& trust, core::metrics& metrics, core::logger log, neighbour_observer& neighbours,
            messenger_observer& up);

  struct request_options {
    bool link_only = false;  // by the link of the destination or not at all
    unsigned sends_max = 0;  // 0: as configured
    core::duration timer{};  // until it is sent again; 0: as configured
  };
  // `done` is called exactly once, never from inside this call: the answer (a RELOAD error is one), timed_out, or
  // not_joined after stop().
  void request(destination_list to, message_contents m, core::time_point deadline, request_options o, pending_request::handler done);
  // Signed once, one transaction id.
  void request_each(std::vector<node_id> to, message_contents m, core::time_point deadline,
                    std::function<void(node_id, core::result<answer>)> done);
  void respond(const received_request& r, message_contents m);

  // The ring has changed: asks again what is to become of held messages.
  void release_held() { router_.release_held(); }
  // Certificates of `n` have been looked for: what waits for them is delivered, or dropped.
  void release_strangers(const node_id& n);
  // Those that went by a node whose link has just closed are sent again.
  void hurry(const node_id& hop);
  // And, if it has failed: those that may go to it by its link only time out at once.
  void give_up(const node_id& failed);
  void run_due(core::time_point now);
  void forget_answers(core::time_point now) { answers_.expire(now); }
  [[nodiscard]] core::time_point next_due() const;
  void set_configuration_sequence(std::uint16_t s) noexcept { maker_.set_configuration_sequence(s); }
  [[nodiscard]] const certificate_store& certificates() const noexcept { return certificates_; }
  certificate_store& certificates() noexcept { return certificates_; }
  void stop();

  void on_message(transport::link& l, core::byte_view message) override;
  void on_acknowledged(transport::link& l, std::uint64_t token) override;
  void on_overdue(transport::link& l, std::uint64_t token) override;
  void on_closed(transport::link& l, const core::error& why) override;

 private:
  struct unverified_message {
    node_id of;
    forwarding_header header;
    payload_ptr payload;
    node_id from;
  };
  struct local_answer {
    std::uint64_t transaction;
    answer content;
  };

  // messenger_delivery.cpp
  void on_arrived(const forwarding_header& h, const payload_ptr& payload, const std::optional<node_id>& from) override;
  void on_held() override { up_.on_agenda_changed(); }
  void deliver_request(const forwarding_header& h, opened_payload& p, const identity::certificate& signer,
                       const std::optional<node_id>& from);
  void send_answer(const received_request& r, payload_ptr payload);
  void deliver_answer(const forwarding_header& h, opened_payload& p, const identity::certificate& signer,
                      const std::optional<node_id>& from);
  [[nodiscard]] std::optional<identity::certificate> find_signer(const opened_payload& p);
  void await_certificate(const forwarding_header& h, const payload_ptr& payload, const opened_payload& p,
                         const std::optional<node_id>& from);
  [[nodiscard]] bool origin_known(const forwarding_header& h, const identity::certificate& signer,
                                  const std::optional<node_id>& from) const;
  [[nodiscard]] bool of_link(const forwarding_header& h, const identity::certificate& signer, const std::optional<node_id>& from) const;
  [[nodiscard]] bool believe(const forwarding_header& h, const opened_payload& p, const identity::certificate& signer,
                             const std::optional<node_id>& from);
  void compare_configurations(const forwarding_header& h, const node_id& who, destination_list way_back);
  [[nodiscard]] bool acceptable(pending_request& r, const answer& a);
  void complete(pending_request r, core::result<answer> a);

  // messenger.cpp
  void send_request(pending_request& r);
  [[nodiscard]] forwarding_header answer_header(const received_request& r) const;

  core::environment& env_;
  messenger_options options_;
  topology& topology_;
  link_table& links_;
  const identity::trust& trust_;
  neighbour_observer& neighbours_;
  messenger_observer& up_;

  bool unjudged_ = false;  // somebody on a link was, once
  bool stopped_ = false;
  transport::link* arrived_ = nullptr;  // what is looked at has come by it now
  message_counters counters_;
  message_maker maker_;
  message_router router_;
  request_table requests_;
  answer_cache answers_;
  certificate_store certificates_;
  std::vector<unverified_message> strangers_;
  std::vector<local_answer> local_answers_;  // of this node to itself; completed by run_due
};

}  // namespace phyllo::overlay
