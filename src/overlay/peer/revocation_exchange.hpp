// What one node knows and asks of the revocation list, as a machine without a clock of its own: news in, questions and answers out. The
// shell around it (revocation_spreading) sends them. pastry.md, "Revocations", has the protocol.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <vector>

#include "phyllo/core/bounded_map.hpp"
#include "phyllo/core/environment.hpp"
#include "phyllo/core/metrics.hpp"
#include "phyllo/identity/node_id.hpp"
#include "phyllo/identity/trust.hpp"
#include "reload/revocation_message.hpp"
#include "reload/token_bucket.hpp"

namespace phyllo::overlay {

using identity::node_id;

class revocation_exchange {
 public:
  // Checks a head: read_revocation_head with the document's signers.
  using head_reader = std::function<core::result<identity::revocation_head>(core::byte_view text)>;
  // References outlive it.
  revocation_exchange(core::environment& env, identity::trust& trust, head_reader read, core::metrics& metrics);

  // What an input has changed.
  struct news {
    bool head = false;     // a newer one is known: others should hear of it
    bool content = false;  // what is in force
    bool useful = false;   // it brought something
    bool share = false;    // this node holds some of the list now, or all of it: who lacks it should hear that
  };

  // Others.
  news on_announced(const node_id& from, core::byte_view announcement);
  [[nodiscard]] core::bytes answer(const node_id& from, core::byte_view question);  // empty: no such question
  // The signer's own node.
  core::result<news> take(identity::revocation_list::next n);

  // Whether there is something to ask for; whom, of those linked (none: nobody is there); what.
  [[nodiscard]] bool behind() const;
  [[nodiscard]] bool hinted() const { return !hints_.empty(); }  // somebody claims to know a newer head
  [[nodiscard]] std::optional<node_id> choose(const std::vector<node_id>& linked);
  [[nodiscard]] core::bytes question();
  news on_answer(const node_id& from, core::byte_view answer);
  void on_no_answer(const node_id& from) { hints_erase(from); }

  // For those that may not know the newest head; empty: there is none yet.
  [[nodiscard]] core::bytes announcement() const;
  // `first` (neighbours) and some of `others` at random, `count` together, without those that know it: the newest head, or, of what this
  // node holds, the whole list.
  enum class subject : std::uint8_t { head, share };
  [[nodiscard]] std::vector<node_id> audience(subject what, const std::vector<node_id>& first, std::vector<node_id> others,
                                              std::size_t count);

  // That node has said that it holds all of the newest list.
  [[nodiscard]] bool holds_all(const node_id& n) const { return claim_of(n).share == whole_share; }

  [[nodiscard]] const identity::revocation_list& list() const { return trust_.revocations(); }

 private:
  // What a node has said of itself, which is no more than a reason to ask it.
  struct claim {
    std::uint64_t number = 0;  // the newest head that it knows
    revocation_share share = 0;
  };
  [[nodiscard]] claim claim_of(const node_id& n) const;  // of a node that does not know the newest head: nothing
  [[nodiscard]] revocation_share share() const;
  void note(const node_id& n, claim c);
  void hints_erase(const node_id& n);
  bool take_head(core::byte_view text);
  bool take_delta(core::byte_view delta);
  [[nodiscard]] revocation_answer make_answer(const revocation_question& q);
  void give_newest(const revocation_question& q, revocation_answer& a);
  void give_leaves(const revocation_question& q, revocation_answer& a);

  core::environment& env_;
  identity::trust& trust_;
  head_reader read_;
  core::counter& refused_;
  core::counter& given_;
  core::bounded_map<node_id, claim> said_;
  std::deque<node_id> hints_;     // nodes that claim to know a newer head; each is asked once for it
  std::uint64_t distrusted_ = 0;  // of this head a change was a lie: it is taken leaf by leaf
  token_bucket judgements_;       // heads that others make this node verify
  token_bucket gifts_;            // pieces that others make it send
};

}  // namespace phyllo::overlay
