// What the promise of storage (src/overlay/storage.md) lets a read return, given all that was asked and answered before. It sees
// operations begin and end in true time, and what each side of a partition did. Pure; one value a record.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "phyllo/core/time.hpp"

namespace phyllo::simulate {

class storage_oracle {
 public:
  enum class kind : std::uint8_t { add, update, remove };

  explicit storage_oracle(std::size_t records) : records_(records), newest_(records) {}

  // --- what happens
  // The number of the operation: a value read carries that of its writer.
  std::size_t begin(std::size_t record, kind k, core::duration lifetime, unsigned side, core::time_point now);
  // Empty: the promise allows it; else what it breaks (of add: a live value was there).
  std::string answered(std::size_t operation, std::uint64_t storage_time, core::time_point now);
  // It may or may not take effect, with a storage time up to `ceiling`.
  void unanswered(std::size_t operation, std::uint64_t ceiling, core::time_point now);
  // A removal found nothing to remove (`clock_ms`: its wall clock then), an add something in its place: each a quorum read of its own,
  // and what it breaks. The removal has no effect.
  std::string not_found(std::size_t operation, std::uint64_t clock_ms, core::time_point now);
  std::string already_exists(std::size_t operation, std::uint64_t ceiling, core::time_point now);
  void opened(core::time_point now) { partitions_.push_back({now, core::time_point::max()}); }
  void healed(core::time_point now) { partitions_.back().healed = now; }

  // --- what is read
  struct found {
    std::size_t operation;
    std::uint64_t storage_time;
  };
  struct reading {
    std::size_t record = 0;
    bool quorum = false;
    unsigned side = 0;
    core::time_point begun, ended;
    std::uint64_t clock_ms = 0;  // the reader's wall clock at its end
    std::optional<found> value;  // nothing: not found
  };
  // Empty: the promise allows it; else what it breaks. An allowed answer of a quorum read binds those that begin later.
  std::string judge(const reading& r);

  // The storage time that a record may have reached so far: a writer who meets it goes on from there.
  [[nodiscard]] std::uint64_t newest(std::size_t record) const { return newest_[record]; }
  void may_reach(std::size_t record, std::uint64_t storage_time) { newest_[record] = std::max(newest_[record], storage_time); }
  [[nodiscard]] bool settled(std::size_t number) const {  // its writer has been told that it stands
    return number < operations_.size() && operations_[number].how == operation::state::answered;
  }
  [[nodiscard]] bool partitioned(core::time_point t) const;  // or not yet merged again

 private:
  struct operation {
    std::size_t record;
    kind what;
    enum class state : std::uint8_t { open, answered, unanswered, without_effect } how;
    unsigned side;
    core::duration lifetime;
    core::time_point begun, ended;
    std::uint64_t storage_time;  // its ceiling, if unanswered
  };
  // What is known to stand in a record from some moment on.
  struct fact {
    std::size_t operation;
    std::uint64_t storage_time;
    unsigned side;
    core::time_point begun, known;
  };
  struct partition {
    core::time_point opened, healed;
  };
  struct period {
    std::size_t number = 0;  // of the partition, or of those merged before
    enum class kind : std::uint8_t { whole, apart, merging } what = kind::whole;
    friend bool operator==(const period&, const period&) = default;
  };

  [[nodiscard]] period period_of(core::time_point t) const;
  [[nodiscard]] bool binds(const fact& f, const reading& r) const;
  [[nodiscard]] const fact* floor(const reading& r) const;
  [[nodiscard]] bool surely_alive(const operation& o, std::uint64_t storage_time, const reading& r) const;
  [[nodiscard]] bool may_be_absent(std::uint64_t floor, const reading& r) const;
  [[nodiscard]] std::string judge_value(const reading& r) const;
  [[nodiscard]] std::string not_absent(std::size_t operation, core::time_point ended, std::uint64_t clock_ms, const char* how) const;
  [[nodiscard]] std::string text(std::size_t operation) const;

  struct history {
    std::vector<std::size_t> operations;
    std::vector<fact> facts;
  };
  std::vector<operation> operations_;
  std::vector<history> records_;
  std::vector<std::uint64_t> newest_;
  std::vector<partition> partitions_;
};

[[nodiscard]] const char* name_of(storage_oracle::kind k);
// Virtual time as people read it: seconds since the start.
[[nodiscard]] std::string seconds_text(core::time_point t);

}  // namespace phyllo::simulate
