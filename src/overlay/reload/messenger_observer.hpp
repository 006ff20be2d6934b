// What the message layer tells those above it: the topology of neighbours, and the node of what comes for it.
#pragma once

#include "phyllo/core/result.hpp"
#include "reload/received_request.hpp"

namespace phyllo::overlay {

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
  virtual void on_agenda_changed() = 0;  // held_until() may be earlier now
};

}  // namespace phyllo::overlay
