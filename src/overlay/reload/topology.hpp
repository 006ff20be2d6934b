// What RELOAD's message layer asks of the topology plug-in (RFC 6940 s.6.4.1): where a message goes, and whom an answer for a key may come
// from. Pure: no clock, no message is sent from here.
#pragma once

#include "destination.hpp"
#include "phyllo/core/time.hpp"

namespace phyllo::overlay {

enum class verdict {
  deliver,  // this node is responsible
  forward,  // to `next`
  hold,     // responsible unless a suspect turns out alive: ask again when that is known
  drop,     // nobody to send it to
};

struct decision {
  verdict what = verdict::drop;
  node_id next;
  bool around = false;  // `next` is no nearer: it has a link to the suspect that is
};

class topology {
 public:
  virtual ~topology() = default;
  [[nodiscard]] virtual const node_id& self() const noexcept = 0;
  // Where a message goes whose first destination is `d`. `eager`: deliver although a suspect is nearer (a Fetch is
  // made safe by storage). `except` was tried and has no room.
  [[nodiscard]] virtual decision decide(const destination& d, bool eager, const node_id* except = nullptr) const = 0;
  // An answer for `key` from `n` is credible (RFC 6940 s.6.3.4): no member that is no suspect is nearer.
  [[nodiscard]] virtual bool credible_root(const node_id& n, const node_id& key) const = 0;
  // Whether `from`, an active node, might send a message for `key` here by the topology's rules. What is not known of it is taken for
  // granted.
  [[nodiscard]] virtual bool well_routed(const node_id& from, const node_id& key) const = 0;
  // An active peer of the overlay, as it has said itself.
  [[nodiscard]] virtual bool is_active(const node_id& n) const = 0;
  // By an open link, and no suspect.
  [[nodiscard]] virtual bool in_reach(const node_id& n) const = 0;
  // A message went to `n` by its link.
  virtual void note_said(const node_id& n, core::time_point now) = 0;

 protected:
  topology() = default;
  topology(const topology&) = default;
  topology& operator=(const topology&) = default;
};

}  // namespace phyllo::overlay
