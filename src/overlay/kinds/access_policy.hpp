// Who may write which value: PHYLLO-OWNER (record.md), RFC 6940's four policies (s.7.3) and NODE-ID-MATCH (RFC 7374 s.5);
// and what a value of a Kind has to look like. Asked by the storing peer, by each replica, and again by the reader.
#pragma once

#include "kinds/kind.hpp"
#include "kinds/resource_key.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/core/time.hpp"
#include "phyllo/identity/certificate.hpp"
#include "phyllo/identity/trust.hpp"

namespace phyllo::overlay {

// Whether the certificate's holder may write this entry of a RESOURCE (rule 2 of record.md; of tombstones too).
[[nodiscard]] bool may_write(const resource_key& key, const identity::certificate& who);

// Whether the certificate's holder may write this entry of this Kind at this resource; the value's content is not asked.
// A certificate has one Node-ID, so the one that signed is the certificate's. forbidden with the policy's words.
[[nodiscard]] core::status may_write(const kind& k, const resource_id& resource, const data_value& v, const identity::certificate& who);

// Everything about one value: its key, its signer, its content, its signature (last, since it costs most). `now` judges
// the signer's certificate only. forbidden (the detail names the rule), invalid_record, quota_exceeded (too large).
[[nodiscard]] core::status check_value(const kind& k, const resource_id& resource, const stored_data& d,
                                       const identity::certificate& signer, const identity::trust& trust, core::wall_time now);

// The same without the signature, for whoever has just made that.
[[nodiscard]] core::status check_all_but_signature(const kind& k, const resource_id& resource, const stored_data& d,
                                                   const identity::certificate& signer, const identity::trust& trust, core::wall_time now);

// The same without the signature and trust, for a value whose signature is known to be good.
[[nodiscard]] core::status check_content(const kind& k, const resource_id& resource, const stored_data& d,
                                         const identity::certificate& signer);

// Readers ignore a value that by its signed words has expired, since its lifetime is unsigned (storage.md, L).
[[nodiscard]] bool outlived(const record& r, core::wall_time now);

}  // namespace phyllo::overlay
