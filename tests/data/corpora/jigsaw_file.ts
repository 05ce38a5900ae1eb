/** The columns of Jigsaw Unintended Bias's train.csv, all 45. */
export const jigsawColumns = [
  "id,target,comment_text,severe_toxicity,obscene,identity_attack,insult,threat,asian,atheist,bisexual,black,buddhist",
  "christian,female,heterosexual,hindu,homosexual_gay_or_lesbian,intellectual_or_learning_disability,jewish,latino",
  "male,muslim,other_disability,other_gender,other_race_or_ethnicity,other_religion,other_sexual_orientation",
  "physical_disability,psychiatric_or_mental_illness,transgender,white,created_date,publication_id,parent_id",
  "article_id,rating,funny,wow,sad,likes,disagree,sexual_explicit,identity_annotator_count,toxicity_annotator_count",
].join(",").split(",");

/** A record of that file; other cells are as empty as they often are there. */
export function jigsawRecord(values: Readonly<Record<string, string | number>>): string {
  return jigsawColumns.map((name) => {
    const value = String(
      values[name] ?? (/^\w+(_toxicity|_attack|_explicit)$/.test(name) ? 0.0 : ""),
    );
    return /[",\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
  }).join(",");
}
