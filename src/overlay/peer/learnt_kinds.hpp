// Private Kinds that come by ConfigUpdate and not in the document (RFC 6940 s.6.5.4, s.7.4.1.2), as a machine: what is known, what is
// taken, and what of it is sent whom. A Kind that is known is never replaced: blocks have no order, and two of one Kind would chase each
// other through the overlay.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "kinds/domain_rule.hpp"
#include "kinds/kind.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/core/time.hpp"
#include "phyllo/identity/configuration.hpp"
#include "reload/surroundings.hpp"
#include "reload/token_bucket.hpp"

namespace phyllo::overlay {

class learnt_kinds {
 public:
  // `document` is the one that is in force, from now on; it outlives this.
  learnt_kinds(const identity::parsed_configuration& document, std::string overlay_name)
      : document_(document), overlay_name_(std::move(overlay_name)) {}

  [[nodiscard]] bool empty() const noexcept { return learnt_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return learnt_.size(); }
  // What storage serves: the document's Kinds, and these.
  [[nodiscard]] std::vector<kind> served();

  // Signed blocks, until one is refused: `outcome` is why. `signers` are certificates that may have signed.
  struct taking {
    core::status outcome;
    bool news = false;  // a Kind was new, so that nobody has been taught all of them yet
  };
  taking take(const std::vector<std::string>& blocks, const std::vector<identity::certificate>& signers, core::time_point now,
              core::wall_time date);
  // Those that a new document defines itself, or whose signer it does not name any more.
  void forget_defined();

  // ConfigUpdates with all of them, for `n`, which is taught now.
  [[nodiscard]] std::vector<message_contents> lesson_for(const node_id& n);
  // Of these members, those that have not been taught.
  [[nodiscard]] std::vector<node_id> untaught(const std::vector<member>& members, const node_id& self);
  // "A node which receives this error MUST generate a ConfigUpdate message which contains the appropriate Kind definition" (s.7.4.1.2).
  // Nothing: none of them is known here.
  [[nodiscard]] std::optional<message_contents> definitions_of(const std::vector<kind_id>& kinds) const;

 private:
  // True: it is new.
  core::result<bool> take_one(const std::string& text, const std::vector<identity::certificate>& signers, core::time_point now,
                              core::wall_time date);
  // Whether a block that is well signed is new; why it is refused.
  [[nodiscard]] core::result<bool> judge(const identity::kind_block& block) const;

  static constexpr double kinds_burst = 100;  // blocks that others make this node verify
  static constexpr double kinds_per_second = 2;

  const identity::parsed_configuration& document_;
  std::string overlay_name_;
  domain_rules domain_rules_;                       // of all Kinds that there have been: storage may still judge by them
  std::map<kind_id, identity::kind_block> learnt_;  // beside the document's
  std::set<node_id> taught_;                        // were sent all of those
  token_bucket judgements_{kinds_per_second, kinds_burst};
};

// Those of an answer Error_Unknown_Kind; of any other, none.
[[nodiscard]] std::vector<kind_id> unknown_kinds_of(const core::result<answer>& a);

}  // namespace phyllo::overlay
