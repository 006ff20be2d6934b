// The revocation list of one overlay at one node: asked for each certificate, changed piece by piece. Its entries stand in leaves by the
// first bits of their keys, each leaf as the very bytes that go over the wire: what is held, hashed and passed on is the same.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "phyllo/core/bytes.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/identity/revocation.hpp"

namespace phyllo::identity {

// One thread. Heads that are given to it have been checked (read_revocation_head); pieces prove themselves by the head's root.
class revocation_list {
 public:
  revocation_list();

  // Constant time: a leaf has about 500 entries. The second before which what was issued to `key` is revoked; nothing: it never was.
  [[nodiscard]] std::optional<std::uint32_t> find(const node_id& key) const noexcept;

  // Of the last list that was here whole; 0: none was yet.
  [[nodiscard]] std::uint64_t number() const noexcept { return number_; }
  [[nodiscard]] std::size_t size() const noexcept;        // entries that are here
  [[nodiscard]] std::vector<revocation> entries() const;  // those
  // The newest head that is known; its number is 0 before the first.
  [[nodiscard]] const revocation_head& head() const noexcept { return head_; }
  [[nodiscard]] bool whole() const noexcept { return number_ == head_.number; }

  // A newer head: from now on its content is what is sought. What is here already stays in force. False: it is not newer.
  bool seek(revocation_head h);

  // Each of these changes what is in force at once, and makes the list whole with the last piece. malformed_document: it does not belong
  // to the head; nothing has changed.
  core::status apply(const revocation_delta& d);
  core::status take_digests(core::byte_view digests);
  core::status take_leaf(std::uint16_t index, core::byte_view entries);
  // Of leaves that differ from the head's; empty when whole, and before the digests are known.
  [[nodiscard]] std::vector<std::uint16_t> lacking() const;
  [[nodiscard]] bool digests_known() const noexcept { return !wanted_.empty(); }

  // For others. Digests: of the head's leaves; empty: not known here.
  [[nodiscard]] core::bytes digests() const;
  // Nothing: what is here of that leaf is not the head's.
  [[nodiscard]] std::optional<core::byte_view> leaf(std::uint16_t index) const;
  [[nodiscard]] std::uint32_t leaves() const noexcept { return static_cast<std::uint32_t>(leaves_.size()); }
  // From `number` to the head; nothing: this list was not whole then, or does not remember, or is not whole now.
  [[nodiscard]] std::optional<revocation_delta> since(std::uint64_t number) const;
  [[nodiscard]] std::optional<revocation_delta> last_change() const;  // from the number before; nothing as above

  // Hears of keys that are revoked from now on, or from a later time on than before. One observer; null: none.
  using observer = std::function<void(const std::vector<node_id>& keys)>;
  void observe(observer f) { observer_ = std::move(f); }

  // For a file: head and leaves of a whole list, empty otherwise. load() refuses what does not agree with `h`, which is checked already.
  [[nodiscard]] core::bytes encode() const;
  core::status load(revocation_head h, core::byte_view encoded);
  [[nodiscard]] static core::byte_view head_of(core::byte_view encoded);  // its head's text; empty: there is none

  // For the signer: what leads from what is here to exactly `wanted` (in any order; of a key the later time counts), signed. Its number is
  // above every head that is known here, and `number` at least. Nothing: a whole list says that already, or it is more than 2^20.
  struct next {
    revocation_head head;
    revocation_delta delta;
  };
  [[nodiscard]] std::optional<next> succeed(std::vector<revocation> wanted, std::uint64_t number, std::string_view overlay,
                                            const credential& signer) const;

 private:
  struct leaf_content {
    std::shared_ptr<const core::bytes> entries;
    node_id digest;
  };
  using leaf_table = std::vector<leaf_content>;

  [[nodiscard]] static leaf_content make_leaf(core::bytes entries);
  [[nodiscard]] static leaf_table redistribute(const leaf_table& from, std::uint8_t bits);
  [[nodiscard]] static leaf_table with(const leaf_table& from, std::uint8_t bits, const revocation_delta& d);
  [[nodiscard]] static core::bytes digests_of(const leaf_table& t);
  [[nodiscard]] static std::uint32_t count(const leaf_table& t) noexcept;
  void settle();
  void remember(const revocation_delta& d);

  leaf_table leaves_;
  std::vector<node_id> wanted_;  // digests of the head's leaves; empty: not known, or not needed
  revocation_head head_;
  std::uint64_t number_ = 0;
  std::deque<revocation_delta> recent_;  // each begins where the one before ends, the last ends at number_
  std::size_t recent_size_ = 0;
  observer observer_;
};

}  // namespace phyllo::identity
