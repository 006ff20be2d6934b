// Requests that this node has originated and that wait for answers (RFC 6940 s.6.2.1): an end-to-end timer, the same
// transaction id, at most five sends.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <unordered_map>
#include <vector>

#include "phyllo/core/result.hpp"
#include "phyllo/core/time.hpp"
#include "reload/destination.hpp"
#include "reload/surroundings.hpp"

namespace phyllo::overlay {

struct pending_request {
  using handler = std::function<void(core::result<answer>)>;

  std::uint64_t transaction = 0;
  destination_list destinations;  // the last one is whom it is for
  message_contents contents;
  core::bytes payload;  // sealed; empty until it first leaves this node
  std::uint16_t code = 0;
  bool link_only = false;  // goes by the link of its destination, never around
  core::time_point deadline;
  core::time_point next_send;
  unsigned sends = 0;
  unsigned sends_max = 0;
  unsigned refused = 0;              // answers of nodes that are not the root
  core::duration timer{};            // of its own; 0: the table's
  std::optional<node_id> first_hop;  // of the latest send
  handler done;                      // called once

  [[nodiscard]] const destination& target() const { return destinations.back(); }
};

class request_table {
 public:
  explicit request_table(core::duration end_to_end_timer) : timer_(end_to_end_timer) {}

  void add(pending_request r);

  // The request whose answer may come from `signer`: one of a transaction sent to several nodes, or the only one.
  [[nodiscard]] pending_request* find(std::uint64_t transaction, const node_id& signer);
  // Takes it out; the caller calls `done`.
  [[nodiscard]] pending_request take(const pending_request& r);

  // Notes a send at `now`; the next is due a timer later, and after the last one it fails five timers later.
  void sent(pending_request& r, core::time_point now);
  // Another node than its root has answered: somebody does not know yet who has come or failed. It is sent again in a while, twice as long
  // each time up to the table's timer, and the send that was answered so does not count: it goes on until they agree, or to the deadline.
  void refused(pending_request& r, core::time_point now);
  // The next send is due at `when`.
  void send_at(pending_request& r, core::time_point when);

  // Those to be sent again, and those taken out because they have failed.
  struct work {
    std::vector<pending_request*> send;
    std::vector<pending_request> failed;
  };
  [[nodiscard]] work due(core::time_point now);
  // Not after the first that is due; max: nothing waits.
  [[nodiscard]] core::time_point next_due() const noexcept { return next_; }
  // Those that went by `hop`: it has just failed, so they are due at once.
  void hurry(const node_id& hop, core::time_point now);
  // Those that may go by the link of `target` only fail when next due: it is gone.
  void give_up(const node_id& target, core::time_point now);
  [[nodiscard]] std::vector<pending_request> take_all();
  [[nodiscard]] std::size_t size() const noexcept { return requests_.size(); }

 private:
  void expect(const pending_request& r) { next_ = std::min({next_, r.next_send, r.deadline}); }

  core::duration timer_;
  core::time_point next_ = core::time_point::max();
  std::unordered_multimap<std::uint64_t, pending_request> requests_;
};

}  // namespace phyllo::overlay
