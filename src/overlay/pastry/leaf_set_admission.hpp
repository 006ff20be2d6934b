// Whom this node takes into its leaf set, and whom it grants a place beside it, one joiner at a time (specification of the Pastry plug-in,
// joining and admission). Pure.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "pastry/joiner_grant.hpp"
#include "pastry/ring_view.hpp"
#include "phyllo/identity/trust.hpp"
#include "reload/link_table.hpp"

namespace phyllo::overlay {

class leaf_set_admission {
 public:
  // All references outlive it. `members`: with whom this node was in the ring last. The keys are random, and secret.
  leaf_set_admission(std::shared_ptr<const identity::credential> self, const identity::trust& trust, ring_view& ring,
                     const link_table& links, std::optional<std::vector<node_id>> members, const core::hash_key& of_root,
                     const core::hash_key& of_neighbour)
      : self_(std::move(self)),
        trust_(trust),
        ring_(ring),
        links_(links),
        members_(std::move(members)),
        as_root_(of_root),
        as_neighbour_(of_neighbour) {}

  void begin(core::time_point now) noexcept { started_ = now; }

  // `n`, which is active, tells its state. False: the leaf set would take it, and it is not admitted.
  [[nodiscard]] bool judge(const node_id& n, const leaf_set_state& s, core::time_point now);
  // Members beside which `n` would stand, to be asked after it: they name it, if it stands there. Nobody, if they were asked lately.
  [[nodiscard]] std::vector<node_id> witnesses(const node_id& n, core::time_point now);
  // Whom it names is admitted, too.
  [[nodiscard]] bool vouches(const node_id& n) const;
  // A neighbour of this active node does not hold it for one: so it is where two rings meet, after a partition. It is to be asked for a
  // grant, as by a joiner.
  [[nodiscard]] bool lacks_grant_of(const node_id& n, const leaf_set_state& s, core::time_point now);

  // As the root of `joiner`: it is its turn.
  [[nodiscard]] bool admit(const node_id& joiner, core::time_point now) { return as_root_.take(joiner, now); }
  // As its neighbour: what it is given, one or none. Those that are over are to have expired.
  [[nodiscard]] std::vector<signed_grant> grant(const node_id& joiner, const leaf_set_state& s, core::time_point now);
  [[nodiscard]] bool busy_for(const node_id& n, core::time_point now) const { return as_neighbour_.busy_for(n, now); }
  [[nodiscard]] bool granted(const node_id& n) const { return as_neighbour_.holder() == n; }
  [[nodiscard]] bool holds(const node_id& n) const { return granted(n) || as_root_.holder() == n; }
  [[nodiscard]] bool any_holds() const { return as_neighbour_.holder() || as_root_.holder(); }
  // `n` gives back what it holds, or is gone.
  void release(const node_id& n);
  // `n` is active. Who only says so is remembered as one that did not become it.
  void end(const node_id& n, bool admitted);
  // True: a joiner's time is over, and the leaf set has its place back.
  [[nodiscard]] bool expire(core::time_point now);

 private:
  [[nodiscard]] bool believed(const signed_grant& g, const grant_terms& t) const;
  [[nodiscard]] bool was_member(const node_id& n, core::time_point now) const;

  std::shared_ptr<const identity::credential> self_;
  const identity::trust& trust_;
  ring_view& ring_;
  const link_table& links_;
  std::optional<std::vector<node_id>> members_;
  joiner_grant as_root_;
  joiner_grant as_neighbour_;
  core::time_point started_{};
};

}  // namespace phyllo::overlay
